//! The policies that this node published before it had the name, the company or the port that it has now.
//!
//! A policy is such a one when it leads to this very server under another name, or when the node remembers that it published
//! it. What it remembers is the id, in a file beside the local copy; whoever copies that directory to another machine has
//! another node, so something else of the policy has to fit as well.

use crate::{node::Node, policy::Policy};
use anylog_values::Host;
use serde_json::Value;
use std::{io, path::PathBuf, time::Duration};
use tokio::net::TcpStream;

/// Type of the file with the id.
const KIND: &str = "own";
/// Attributes that hold an address of a node.
const ADDRESSES: [&str; 4] = ["ip", "local_ip", "external_ip", "internal_ip"];
/// Variables that hold an address of this node.
const OWN_ADDRESSES: [&str; 3] = ["external_ip", "internal_ip", "overlay_ip"];
/// How long a server may take to answer that somebody else runs there.
const PATIENCE: Duration = Duration::from_millis(500);

/// Returns those of the policies of masters that this node published under another name, company or port.
pub async fn published_here(node: &Node, masters: Vec<Policy>) -> Vec<Policy> {
    let remembered = remembered(node).await;
    let mut former = Vec::new();
    for policy in masters {
        let is_remembered = remembered.is_some() && policy.id() == remembered && resembles(node, &policy);
        if leads_here(node, &policy) || (is_remembered && !is_served_by_another(node, &policy).await) {
            former.push(policy);
        }
    }
    former
}

/// Remembers the id of the policy under which this node is published.
pub async fn remember(node: &Node, id: &str) {
    let Some(path) = path(node) else { return };
    if remembered(node).await.as_deref() == Some(id) {
        return;
    }
    if let Err(error) = write(&path, id).await {
        tracing::warn!(path = %path.display(), %error, "after a change of its name the node will not know this policy as its own");
    }
}

async fn write(path: &PathBuf, id: &str) -> io::Result<()> {
    let fresh = path.with_extension("own.tmp");
    tokio::fs::write(&fresh, format!("{id}\n")).await?;
    tokio::fs::rename(&fresh, path).await
}

async fn remembered(node: &Node) -> Option<String> {
    let text = tokio::fs::read_to_string(path(node)?).await.ok()?;
    Some(text.trim().to_owned()).filter(|id| !id.is_empty())
}

fn path(node: &Node) -> Option<PathBuf> {
    node.dictionary.get("blockchain_file").map(|file| PathBuf::from(file).with_extension(KIND))
}

/// Tells whether a policy leads to the server of this node and to no other: the machine has its name, and all its addresses.
/// The addresses alone say little, as the bridges of two machines give the same ones to their containers.
fn leads_here(node: &Node, policy: &Policy) -> bool {
    let is_port =
        |attribute, variable| port(policy, attribute).is_some_and(|port| is(node, variable, &port.to_string()));
    let mut addresses = ADDRESSES.iter().filter_map(|attribute| policy.text(attribute)).peekable();
    is_port("port", "anylog_server_port")
        && is_port("rest_port", "anylog_rest_port")
        && policy.text("hostname").is_some_and(|name| is(node, "hostname", name))
        && addresses.peek().is_some()
        && addresses.all(|address| is_own(node, address))
}

/// Tells whether a remembered policy has something of this node: an address, the name of the machine or the own name.
fn resembles(node: &Node, policy: &Policy) -> bool {
    let mut addresses = ADDRESSES.iter().filter_map(|attribute| policy.text(attribute));
    addresses.any(|address| is_own(node, address))
        || [("hostname", "hostname"), ("name", "node_name")]
            .into_iter()
            .any(|(attribute, variable)| policy.text(attribute).is_some_and(|value| is(node, variable, value)))
}

/// Tells whether a policy with another port of this machine is that of another node, which answers there.
async fn is_served_by_another(node: &Node, policy: &Policy) -> bool {
    let Some(port) = port(policy, "port").filter(|port| !is(node, "anylog_server_port", &port.to_string())) else {
        return false;
    };
    let Some(host) = policy.text("internal_ip").or_else(|| policy.text("ip")).filter(|host| is_own(node, host)) else {
        return false;
    };
    let answers = tokio::time::timeout(PATIENCE, TcpStream::connect((host, port))).await;
    answers.is_ok_and(|answer| answer.is_ok())
}

fn port(policy: &Policy, attribute: &str) -> Option<u16> {
    match policy.get(attribute)? {
        Value::Number(number) => number.as_u64()?.try_into().ok(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn is(node: &Node, variable: &str, value: &str) -> bool {
    node.dictionary.get(variable).is_some_and(|own| own.eq_ignore_ascii_case(value))
}

fn is_own(node: &Node, address: &str) -> bool {
    let Ok(host) = address.parse::<Host>() else { return false };
    let mut own = OWN_ADDRESSES.iter().filter_map(|key| node.dictionary.get(key)?.parse::<Host>().ok());
    own.any(|own| own.is_same(&host))
}
