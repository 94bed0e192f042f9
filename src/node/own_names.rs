//! The names under which the node publishes itself.

use crate::{policy::Policy, runtime::rare::Rare};
use serde_json::Value;
use std::sync::{PoisonError, RwLock};

/// Type of the policy of a node of this kind.
pub(super) const MASTER: &str = "master";

/// The names under which the node publishes itself. They are what they were when the boot published them: callers may
/// change variables later.
#[derive(Debug, Default)]
pub struct OwnNames {
    names: RwLock<Option<Names>>,
    /// When the log told last that somebody else reached for them.
    pub told: Rare,
}

/// The name, the company and the port of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// `name` of its policy.
    pub name: String,
    /// `company` of its policy.
    pub company: String,
    /// `port` of its policy.
    pub port: String,
}

impl OwnNames {
    /// Keeps names; without them no policy is in the name of the node.
    pub fn keep(&self, names: Option<Names>) {
        *self.names.write().unwrap_or_else(PoisonError::into_inner) = names;
    }

    /// Tells whether a policy speaks for this node: it has the name, the company and the port under which the node publishes
    /// itself.
    #[must_use]
    pub fn are_in(&self, policy: &Policy) -> bool {
        let names = self.names.read().unwrap_or_else(PoisonError::into_inner);
        names.as_ref().is_some_and(|names| names.are_in(policy))
    }
}

impl Names {
    /// Tells whether a policy of a master has these names; capitals do not count.
    fn are_in(&self, policy: &Policy) -> bool {
        let is = |key: &str, own: &str| match policy.get(key) {
            Some(Value::String(text)) => text.trim().to_lowercase() == own.trim().to_lowercase(),
            Some(Value::Number(number)) => number.to_string() == own,
            _ => false,
        };
        policy.kind() == MASTER && is("name", &self.name) && is("company", &self.company) && is("port", &self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_speaks_for_the_node_with_all_three_names() {
        let names = Names { name: "n1".to_owned(), company: "Acme".to_owned(), port: "32048".to_owned() };
        let own = OwnNames::default();
        let is_own = |text: &str| own.are_in(&Policy::parse(text).unwrap());
        let same = r#"{"master": {"name": "N1", "company": "acme", "port": 32048, "ip": "6.6.6.6"}}"#;
        assert!(!is_own(same), "nobody published anything yet");
        own.keep(Some(names));
        assert!(is_own(same) && is_own(r#"{"master": {"name": "n1 ", "company": "Acme", "port": "32048"}}"#));
        for other in [
            r#"{"operator": {"name": "n1", "company": "Acme", "port": 32048}}"#,
            r#"{"master": {"name": "n2", "company": "Acme", "port": 32048}}"#,
            r#"{"master": {"name": "n1", "company": "Acme", "port": 32148}}"#,
            r#"{"master": {"name": "n1", "port": 32048}}"#,
        ] {
            assert!(!is_own(other), "{other}");
        }
    }
}
