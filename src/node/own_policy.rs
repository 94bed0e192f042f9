//! Which policy is the node's own: nobody else may change it, or publish one in its name.

use super::{
    node::Node,
    own_names::{MASTER, Names},
};
use crate::policy::Policy;
use anylog_values::Address;
use serde_json::Value;

/// Attributes of a policy that hold an address of a node.
const ADDRESSES: [&str; 4] = ["ip", "local_ip", "external_ip", "internal_ip"];

impl Node {
    /// Keeps the names under which the node publishes itself, as its variables have them now.
    pub fn keep_own_names(&self) {
        let value = |key: &str| self.dictionary.get(key).filter(|value| !value.is_empty());
        let names = value("node_name").zip(value("company_name")).zip(value("anylog_server_port"));
        self.own_names.keep(names.map(|((name, company), port)| Names { name, company, port }));
    }

    /// Tells whether a policy of the ledger is the one of this node: published in its name, or leading to its server.
    #[must_use]
    pub fn is_own_policy(&self, policy: &Policy) -> bool {
        self.own_names.are_in(policy) || self.leads_here(policy)
    }

    fn leads_here(&self, policy: &Policy) -> bool {
        let port = policy.get("port").and_then(Value::as_u64).and_then(|port| u16::try_from(port).ok());
        let Some(port) = port.filter(|_| policy.kind() == MASTER) else { return false };
        let mut addresses = ADDRESSES.iter().filter_map(|key| Address::new(policy.text(key)?.parse().ok()?, port));
        addresses.any(|address| self.is_own_address(&address))
    }
}
