//! The nodes that the ledger describes, with the address at which this node asks each of them.

use super::node::Node;
use crate::{
    policy::Policy,
    query::{Own, address_of, part},
};
use std::fmt;

/// Types of policies that are nodes.
pub const NODE_TYPES: [&str; 4] = ["master", "operator", "query", "publisher"];

/// One node of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerNode {
    /// Where it is asked, `ip:port`.
    pub address: String,
    /// Type of its policy.
    pub kind: String,
    /// Its name.
    pub name: String,
}

impl fmt::Display for LedgerNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.address)
    }
}

impl Node {
    /// Returns the nodes whose policies are wanted, in the order of the ledger; those without an address are left out.
    #[must_use]
    pub fn ledger_nodes(&self, is_wanted: impl Fn(&Policy) -> bool) -> Vec<LedgerNode> {
        let (view, own) = (self.ledger.view(), self.addresses());
        let entries = view.iter().filter(|entry| NODE_TYPES.contains(&&*entry.kind));
        let policies = entries.filter_map(|entry| entry.policy()).filter(|policy| is_wanted(policy));
        policies.filter_map(|policy| ledger_node(&policy, &own)).collect()
    }
}

/// Reads the address of a node policy by the rule of every query, also where it is written as the document says
/// (`external_ip` and `internal_ip` for `ip` and `local_ip`).
fn ledger_node(policy: &Policy, own: &Own) -> Option<LedgerNode> {
    let first = |keys: [&str; 2]| keys.iter().find_map(|key| policy.get(key).and_then(part));
    let attribute = |key: &str| match key {
        "ip" => first(["ip", "external_ip"]),
        "local_ip" => first(["local_ip", "internal_ip"]),
        key => policy.get(key).and_then(part),
    };
    let name = policy.text("name").unwrap_or_default().to_owned();
    Some(LedgerNode { address: address_of(&attribute, own)?, kind: policy.kind().to_owned(), name })
}
