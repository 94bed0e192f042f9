//! Step 5: the node's own policy is in the ledger, once, with the name, the address and the port it has now.
//!
//! Whatever somebody published under its name or its id meanwhile: the step repairs it and never ends the boot.

use crate::{
    boot::{
        BootFailure,
        addresses::is_overlay_alone,
        runner::{Runner, may_come},
        steps::former,
    },
    node::Node,
    policy::Policy,
    reply::Error,
    runtime::random::any_number,
};
use serde_json::Value;
use std::sync::Arc;

/// Attributes of the policy before its addresses.
const NAMES: &str = "\"hostname\": !hostname, \"name\": !node_name";
/// Attributes behind its addresses.
const PLACE: &str = "\"company\": !company_name, \"port\": !anylog_server_port.int, \"rest_port\": !anylog_rest_port.int, \
                     \"loc\": !loc, \"country\": !country, \"state\": !state, \"city\": !city";
/// What finds the policies of masters, whatever others lay over them.
const MASTERS: &str = "blockchain read master";
const PREPARE: &str = "blockchain prepare policy !new_policy";
const PUBLISH: &str = "blockchain insert where policy=!new_policy and local=true and master=!ledger_conn";
const REPLACE: &str = "blockchain replace policy !policy_id with !new_policy";
const REMOVE: &str = "blockchain drop policy where id = !policy_id";
/// What the step says when nothing it tried put the policy into the ledger.
const REFUSED: &str = "not published, the ledger refuses the policy of this node: see get error log";

/// Publishes the policy, or replaces the one that the node had before.
///
/// # Errors
/// The command that failed because of the configuration, or because the database is away.
pub async fn run(runner: &mut Runner) -> Result<&'static str, BootFailure> {
    let config = Arc::clone(&runner.node.config);
    if config.identity.is_hidden {
        return Ok("hidden (IS_HIDDEN)");
    }
    runner.node.keep_own_names();
    if runner.node.undecided_policies().is_some() {
        return Ok("waits until it is decided what the ledger is");
    }
    let overlay = is_overlay_alone(&config.network);
    let addresses = Addresses::new(overlay, overlay || config.network.tcp_bind);
    let (mut own, others): (Vec<_>, Vec<_>) =
        runner.policies(MASTERS).await.into_iter().partition(|policy| names_this_node(&runner.node, policy));
    let former = former::published_here(&runner.node, others).await;
    let current = own.iter().position(|policy| addresses.are_in(&runner.node, policy)).map(|at| own.remove(at));
    let changed =
        if own.is_empty() { "replaced: the name or the port changed" } else { "replaced: the address changed" };
    own.extend(former);
    let published = match current {
        Some(policy) => Published { outcome: "was there", id: policy.id(), older: own },
        None => publish(runner, addresses, own, changed).await?,
    };
    let Published { outcome, id: Some(id), older } = published else { return Ok(published.outcome) };
    former::remember(&runner.node, &id).await;
    let removed = remove(runner, older.iter().filter_map(Policy::id).filter(|other| *other != id)).await?;
    Ok(if removed && outcome == "was there" { "was there; older ones of this node are removed" } else { outcome })
}

/// What became of the policy of the node.
struct Published {
    /// What `get boot` says.
    outcome: &'static str,
    /// Its id; absent when the ledger does not take it.
    id: Option<String>,
    /// Older policies of the node, which go.
    older: Vec<Policy>,
}

/// Publishes the policy as it is now, in the place of the first of those that are older; `changed` is then the outcome.
async fn publish(
    runner: &mut Runner,
    addresses: Addresses,
    older: Vec<Policy>,
    changed: &'static str,
) -> Result<Published, BootFailure> {
    let text = |id: &str| {
        let (documented, looked_up) = (attributes(addresses.documented), attributes(addresses.looked_up));
        format!("new_policy = {{\"master\": {{{NAMES}, {documented}, {PLACE}, {looked_up}{id}}}}}")
    };
    runner.run(&text("")).await?;
    if let Some(id) = older.first().and_then(Policy::id) {
        return match replace(runner, id.clone()).await? {
            Ok(()) => Ok(Published { outcome: changed, id: Some(id), older }),
            // What could not be replaced is not removed either.
            Err(_) => publish_under_new_id(runner, &text(", \"id\": !policy_id")).await,
        };
    }
    runner.run(PREPARE).await?;
    let id = prepared_id(&runner.node);
    let published = match id.clone().filter(|id| runner.node.ledger.view().by_id(id).is_some()) {
        None => attempt(runner, PUBLISH).await?.map(|()| "done"),
        // The content was that of this node once.
        Some(id) => replace(runner, id).await?.map(|()| "repaired: somebody had changed the policy of this node"),
    };
    match published {
        Ok(outcome) => Ok(Published { outcome, id, older }),
        Err(_) => publish_under_new_id(runner, &text(", \"id\": !policy_id")).await,
    }
}

/// Removes what the node published before and what stands in its name twice; true when there was any. What the ledger refuses
/// to remove stays, which the log tells.
async fn remove(runner: &mut Runner, ids: impl Iterator<Item = String>) -> Result<bool, BootFailure> {
    let mut removed = false;
    for id in ids {
        tracing::warn!(policy.id = %id, "an older policy of this node is removed");
        runner.bind("policy_id", id);
        removed |= attempt(runner, REMOVE).await?.is_ok();
    }
    Ok(removed)
}

/// Tells whether a policy has the name, the company and the port of this node, and not values that stand for any.
fn names_this_node(node: &Node, policy: &Policy) -> bool {
    is_same(node, policy, "name", "node_name")
        && is_same(node, policy, "company", "company_name")
        && is_same(node, policy, "port", "anylog_server_port")
}

/// Tells whether an attribute of a policy is what a variable of the node says; capitals do not count, as in queries.
fn is_same(node: &Node, policy: &Policy, attribute: &str, variable: &str) -> bool {
    let value = node.dictionary.get(variable).unwrap_or_default();
    match policy.get(attribute) {
        Some(Value::String(text)) => text.to_lowercase() == value.to_lowercase(),
        Some(Value::Number(number)) => number.to_string() == value,
        _ => false,
    }
}

/// Returns the id of the prepared policy.
fn prepared_id(node: &Node) -> Option<String> {
    Policy::parse(&node.dictionary.get("new_policy")?).ok()?.id()
}

/// Replaces the policy with an id; the inner error is a refusal by the ledger.
async fn replace(runner: &mut Runner, id: String) -> Result<Result<(), Error>, BootFailure> {
    runner.bind("policy_id", id);
    attempt(runner, REPLACE).await
}

/// Publishes the policy under an id that nobody can know before, because others hold the one that it would have.
async fn publish_under_new_id(runner: &mut Runner, text: &str) -> Result<Published, BootFailure> {
    let id = std::iter::repeat_with(|| format!("{:08x}", any_number())).take(4).collect::<String>();
    runner.bind("policy_id", id);
    runner.run(text).await?;
    runner.run(PREPARE).await?;
    match attempt(runner, PUBLISH).await? {
        Ok(()) => {
            let outcome = "done, under a new id: somebody else has the one of the policy of this node";
            Ok(Published { outcome, id: prepared_id(&runner.node), older: Vec::new() })
        }
        Err(error) => {
            runner.node.events.error("boot", &format!("{REFUSED}: {error}"));
            tracing::error!(%error, "{REFUSED}");
            Ok(Published { outcome: REFUSED, id: None, older: Vec::new() })
        }
    }
}

/// Runs a command that the ledger may refuse because of what others published, which is the inner error.
async fn attempt(runner: &mut Runner, text: &'static str) -> Result<Result<(), Error>, BootFailure> {
    match runner.attempt(text).await {
        Ok(_) => Ok(Ok(())),
        Err(error) if may_come(&error) => {
            Err(runner.failed(text, error, "start again when the database takes changes"))
        }
        Err(error) => {
            tracing::warn!(command = text, %error, "the policy of this node is published another way");
            Ok(Err(error))
        }
    }
}

/// Attributes of the policy, each with the variable that it comes from.
type Attributes = &'static [(&'static str, &'static str)];

/// The addresses of the policy, in the forms of both deployment documents.
#[derive(Clone, Copy)]
struct Addresses {
    /// `external_ip` (not in an overlay network) and `internal_ip`.
    documented: Attributes,
    /// `ip` and, when the node listens on all addresses, `local_ip`: where members look.
    looked_up: Attributes,
}

impl Addresses {
    const fn new(overlay: bool, bound: bool) -> Self {
        let documented: Attributes = if overlay {
            &[("internal_ip", "internal_ip")]
        } else {
            &[("external_ip", "external_ip"), ("internal_ip", "internal_ip")]
        };
        let looked_up: Attributes =
            if bound { &[("ip", "internal_ip")] } else { &[("ip", "external_ip"), ("local_ip", "internal_ip")] };
        Self { documented, looked_up }
    }

    /// Tells whether a policy has these addresses and leads to the REST server of this node.
    fn are_in(self, node: &Node, policy: &Policy) -> bool {
        let mut attributes = self.documented.iter().chain(self.looked_up).chain(&[("rest_port", "anylog_rest_port")]);
        attributes.all(|(attribute, variable)| is_same(node, policy, attribute, variable))
    }
}

/// Writes attributes with references to their variables.
fn attributes(attributes: Attributes) -> String {
    let written: Vec<_> =
        attributes.iter().map(|(attribute, variable)| format!("\"{attribute}\": !{variable}")).collect();
    written.join(", ")
}
