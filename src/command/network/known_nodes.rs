//! Which nodes a caller may have this node ask: everybody may ask those of the ledger, and only who may change the node any
//! other address, or this node would scan ports for strangers.

use crate::{
    command::engine::{
        Access,
        access::{Permission, permission},
    },
    node::{Node, Session},
    policy::Policy,
    reply::{Code, Error},
};
use anylog_values::Address;
use serde_json::Value;

/// Attributes of a policy that hold an address of its node, and a port.
const ADDRESSES: [&str; 3] = ["ip", "local_ip", "rest_ip"];
const PORTS: [&str; 3] = ["port", "local_port", "rest_port"];

/// Refuses addresses that no policy of the ledger has, for callers who may ask the nodes of the ledger alone.
///
/// # Errors
/// Code 212 with the first address that is of no node.
pub(super) fn may_ask<'a>(
    node: &Node,
    session: &Session,
    addresses: impl IntoIterator<Item = &'a str>,
) -> Result<(), Error> {
    if !matches!(permission(session.door(), Access::AskNodes), Permission::Within(_)) {
        return Ok(());
    }
    let view = node.ledger.view();
    let reads = ADDRESSES.into_iter().chain(PORTS).collect();
    let is_of_a_node = |address: &Address| {
        view.iter().filter_map(|entry| entry.unread().part(&reads)).any(|policy| has(&policy, address))
    };
    let unknown = addresses.into_iter().find(|text| {
        let address: Option<Address> = text.parse().ok();
        !address.is_some_and(|address| node.is_own_address(&address) || is_of_a_node(&address))
    });
    match unknown {
        Some(unknown) => Err(Error::with(
            Code::UNAUTHORIZED,
            format!("'{unknown}' is the address of no node in the ledger: asking others needs the role admin"),
        )),
        None => Ok(()),
    }
}

/// Tells whether a policy has an address as one of its own.
fn has(policy: &Policy, address: &Address) -> bool {
    let host = address.host().to_string();
    let has_host = ADDRESSES.iter().any(|key| policy.text(key) == Some(&host));
    let is_port = |value: &Value| match value {
        Value::Number(number) => number.as_u64() == Some(u64::from(address.port())),
        Value::String(text) => text.parse() == Ok(address.port()),
        _ => false,
    };
    has_host && PORTS.iter().filter_map(|key| policy.get(key)).any(is_port)
}
