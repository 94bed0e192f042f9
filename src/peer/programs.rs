//! Which program a member is: nodes of EdgeLake and AnyLog do with a ledger what is known of them, others may do anything.

use crate::{
    node::Node,
    peer::{client, shared::Shared, wire},
    reply::PeerContent,
    runtime::limits,
};
use anylog_block::ReturnAddress;
use std::sync::Arc;

/// Asks a member which program it is, unless that is known, was asked lately, or is of no use. Only the address of a node
/// policy is asked, and only one that has asked for the ledger for a while: what listens elsewhere, and what asks once, never
/// sees more than the answers to its own messages.
pub fn find(shared: &Arc<Shared>, node: &Arc<Node>, member: &ReturnAddress) {
    let Ok(port) = u16::try_from(member.port) else { return };
    let is_named = || node.peer_access.nodes().names(&node.ledger.view(), &member.host, port);
    let is_steady = || node.members.get(member).is_some_and(|member| member.asked_for() >= limits::MEMBER_ROUND);
    if !node.asks_for_programs() || !is_named() || !is_steady() || !node.reference_nodes.take_turn(member) {
        return;
    }
    let (shared, node, member) = (Arc::clone(shared), Arc::clone(node), member.clone());
    node.shutdown.clone().spawn(async move {
        let to = [member.to_string()];
        let (limit, most) = (limits::PEER_TEST_TIME, limits::PEER_SHORT_ANSWER);
        let asked = client::ask(&shared, &node, &to, wire::PROGRAM, limit, most).await;
        match asked.map(|answers| answers.into_iter().next().map(|answer| answer.outcome)) {
            Ok(Some(Ok(PeerContent::Text(version)))) => node.reference_nodes.said(&member, &version),
            other => tracing::debug!(peer.addr = %member, "it does not say which program it is: {other:?}"),
        }
    });
}
