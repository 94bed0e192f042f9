//! What becomes of a ledger on its way to a member: the book keeps it.

use crate::{
    node::{Node, members::Delivered},
    peer::{Error, delivery::Receipt, wire},
};
use anylog_block::{BLOCK, CONTENT, Outgoing, ReturnAddress};
use std::sync::Arc;

/// A ledger for a member.
pub struct SentLedger {
    node: Arc<Node>,
    member: ReturnAddress,
    delivered: Delivered,
}

impl SentLedger {
    /// Describes a message that brings a version of the ledger to a member.
    #[must_use]
    pub fn of(
        node: &Arc<Node>,
        member: &ReturnAddress,
        (generation, md5): (u64, &str),
        message: &Outgoing,
        is_push: bool,
    ) -> Self {
        let delivered = Delivered {
            generation,
            md5: md5.to_owned(),
            bytes: wire_bytes(message),
            is_push,
            is_compressed: wire::is_packed(&message.command),
        };
        Self { node: Arc::clone(node), member: member.clone(), delivered }
    }

    /// Takes note of how its delivery ended.
    pub fn ended(self, outcome: Result<Receipt, &Error>) {
        let Self { node, member, delivered } = self;
        match outcome {
            Ok(Receipt::Closed) => {
                node.poll_rhythms.taken(&member, &delivered.md5);
                node.members.delivered(&member, delivered);
            }
            Ok(Receipt::Open) => {
                node.poll_rhythms.disturbed(&member);
                node.members.delivered(&member, delivered);
            }
            Ok(Receipt::Unread) => {
                node.poll_rhythms.disturbed(&member);
                let reason = "it closed the connection before it had read the whole ledger".to_owned();
                node.members.failed(&member, reason, delivered.is_compressed);
            }
            // This node stops; nothing is known of the member.
            Err(Error::Evicted) => {}
            Err(error) => {
                node.poll_rhythms.disturbed(&member);
                // Who cannot be reached says nothing of what it takes.
                node.members.failed(&member, error.to_string(), false);
            }
        }
    }
}

/// Returns the bytes of a file on the wire.
fn wire_bytes(message: &Outgoing) -> u64 {
    let room = CONTENT.saturating_sub(message.command.len()).max(1);
    let blocks = message.data.len() / room + 1;
    u64::try_from(blocks.saturating_mul(BLOCK)).unwrap_or(u64::MAX)
}
