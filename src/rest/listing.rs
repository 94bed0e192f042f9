//! Answers to `blockchain get *` and `blockchain get TYPE` kept for as long as no policy changes, so that a large
//! ledger is written as text once and sent to everybody from the same bytes.

use crate::runtime::limits;
use bytes::Bytes;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// The kept answers of one version of the policies.
#[derive(Debug, Default)]
pub struct Listings {
    kept: Mutex<(u64, HashMap<String, Bytes>)>,
}

impl Listings {
    /// Returns the answer to a command in a version of the policies, if it is kept.
    #[must_use]
    pub fn get(&self, command: &str, generation: u64) -> Option<Bytes> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.0 == generation { kept.1.get(command).cloned() } else { None }
    }

    /// Keeps the answer to a command; those of other versions are forgotten.
    pub fn keep(&self, command: &str, generation: u64, answer: Bytes) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.0 != generation {
            *kept = (generation, HashMap::new());
        }
        if kept.1.len() < limits::REST_LISTINGS {
            kept.1.insert(command.to_owned(), answer);
        }
    }
}

/// Tells whether the answer to a command depends on the policies alone.
#[must_use]
pub fn is_listing(command: &str) -> bool {
    let Some(kind) = command.strip_prefix("blockchain get ") else { return false };
    kind == "*" || (!kind.is_empty() && kind.chars().all(|c| c.is_alphanumeric() || c == '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_types_are_listings() {
        assert!(is_listing("blockchain get *"));
        assert!(is_listing("blockchain get operator"));
        for other in [
            "blockchain get",
            "blockchain get !t",
            "blockchain get (a, b)",
            "blockchain get a where b = c",
            "get status",
        ] {
            assert!(!is_listing(other), "{other}");
        }
    }

    #[test]
    fn a_change_forgets_what_was_kept() {
        let listings = Listings::default();
        listings.keep("a", 1, Bytes::from_static(b"[]"));
        assert_eq!(listings.get("a", 1).as_deref(), Some(&b"[]"[..]));
        assert_eq!(listings.get("a", 2), None);
        listings.keep("b", 2, Bytes::new());
        assert_eq!(listings.get("a", 1), None);
    }
}
