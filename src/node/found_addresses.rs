//! Addresses that lead to the node although nothing in its variables says so.

use anylog_values::Address;
use std::sync::{PoisonError, RwLock};

/// Addresses that nothing in the node's variables tells to be its own, but that were found to lead to it: the name of its
/// service, the outside of a NAT.
#[derive(Debug, Default)]
pub struct FoundAddresses(RwLock<Vec<Address>>);

impl FoundAddresses {
    /// Notes an address.
    pub fn note(&self, address: Address) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).push(address);
    }

    /// Tells whether an address was noted.
    #[must_use]
    pub fn has(&self, address: &Address) -> bool {
        let found = self.0.read().unwrap_or_else(PoisonError::into_inner);
        found.iter().any(|own| own.port() == address.port() && own.host().is_same(address.host()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_was_found_is_known_by_host_and_port() {
        let found = FoundAddresses::default();
        let has = |text: &str| found.has(&text.parse().unwrap());
        assert!(!has("master:1"));
        found.note("Master:1".parse().unwrap());
        assert!(has("master:1") && !has("master:2") && !has("other:1"));
    }
}
