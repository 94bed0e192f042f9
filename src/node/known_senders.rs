//! Senders that are no strangers: places are kept for them, and they are remembered first.

use super::node::Node;
use crate::runtime::address;
use std::net::IpAddr;

impl Node {
    /// Tells whether an address is this machine's own, or that of somebody the operator or the ledger knows.
    #[must_use]
    pub fn knows_sender(&self, sender: IpAddr) -> bool {
        let sender = sender.to_canonical();
        sender.is_loopback()
            || self.peer_access.trusts(sender)
            || self.peer_access.nodes().has(&self.ledger.view(), sender)
            || address::belongs_here(sender)
    }
}
