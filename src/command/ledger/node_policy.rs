//! What becomes of the policy under which a node publishes itself. A node whose policy is refused removes its own copy and is in
//! the network no longer, and nobody at that node may notice: so the log, the checks and the members' book tell it here.

use crate::{
    ledger,
    node::{Node, Origin, Session, is_of_a_node},
    policy::Policy,
};
use anylog_block::ReturnAddress;

/// Describes the policy of a node: its type, its name and its company; nothing for other policies.
pub(super) fn of(policy: &Policy) -> Option<String> {
    let text = |key| policy.text(key).unwrap_or("?");
    is_of_a_node(policy).then(|| format!("{} '{}' of '{}'", policy.kind(), text("name"), text("company")))
}

/// Tells that the policy of a node, which sent it itself, is refused. What only another try needs is no refusal.
pub(super) fn refused(node: &Node, session: &Session, sent: Option<&str>, error: &ledger::Error) {
    let (Some(sent), Origin::Peer { caller, .. }, Some(address)) = (sent, &session.origin, address(session)) else {
        return;
    };
    if !error.is_of_policy() && !matches!(error, ledger::Error::OwnPolicy) {
        return;
    }
    tracing::warn!(peer.addr = %address, "the policy of a node is refused, and the node stays out of the network: {sent}: {error}");
    node.members.policy_refused(&address, *caller, node.knows_sender(*caller), format!("{sent}: {error}"));
}

/// Takes note that the policy of a node is in the ledger.
pub(super) fn taken(node: &Node, session: &Session) {
    if let Some(address) = address(session) {
        node.members.policy_taken(&address);
    }
}

fn address(session: &Session) -> Option<ReturnAddress> {
    let Origin::Peer { host, port, .. } = &session.origin else { return None };
    Some(ReturnAddress { host: host.clone(), port: *port })
}
