//! Members that are known to be nodes of EdgeLake or AnyLog: what they do with a ledger is known as well
//! (reference/tcp-protocol 15.2, 15.3).

use crate::runtime::limits;
use anylog_block::ReturnAddress;
use moka::sync::Cache;

/// What the version of such a node begins with or names.
const PROGRAMS: [&str; 2] = ["EdgeLake", "AnyLog"];

/// The return addresses where such a node said its version in this run.
#[derive(Debug)]
pub struct ReferenceNodes {
    found: Cache<ReturnAddress, ()>,
    /// Who was asked lately, so that nobody is asked often.
    asked: Cache<ReturnAddress, ()>,
}

impl Default for ReferenceNodes {
    fn default() -> Self {
        let size = u64::try_from(limits::MEMBERS).unwrap_or(u64::MAX);
        Self {
            found: Cache::builder().max_capacity(size).time_to_live(limits::PEER_CONFIRMED_TIME).build(),
            asked: Cache::builder().max_capacity(size).time_to_live(limits::MEMBER_ASK_PAUSE).build(),
        }
    }
}

impl ReferenceNodes {
    /// Tells whether such a node is at an address.
    #[must_use]
    pub fn has(&self, address: &ReturnAddress) -> bool {
        self.found.contains_key(address)
    }

    /// Tells whether it is time to ask the node at an address; from now on it counts as asked.
    #[must_use]
    pub fn take_turn(&self, address: &ReturnAddress) -> bool {
        !self.has(address) && self.asked.entry_by_ref(address).or_insert(()).is_fresh()
    }

    /// Takes note of the version that the node at an address says.
    pub fn said(&self, address: &ReturnAddress, version: &str) {
        if PROGRAMS.iter().any(|program| version.contains(program)) {
            self.found.insert(address.clone(), ());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_asked_once_in_a_while_and_known_by_what_it_says() {
        let nodes = ReferenceNodes::default();
        let at = |port| ReturnAddress::new("10.0.0.7", port);
        assert!(nodes.take_turn(&at(1)) && !nodes.take_turn(&at(1)) && nodes.take_turn(&at(2)));
        nodes.said(&at(1), "EdgeLake Version: 1.4.2604 [2026-04-20]");
        nodes.said(&at(2), "my own member 1.0");
        assert!(nodes.has(&at(1)) && !nodes.has(&at(2)) && !nodes.has(&at(3)));
        assert!(!nodes.take_turn(&at(1)), "it is known");
    }
}
