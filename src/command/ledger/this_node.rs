//! The addresses by which policies and commands name this node.

use crate::{node::Node, query::Own};

/// Returns the address of this node.
pub(super) fn own_host(node: &Node) -> String {
    node.dictionary.get("ip").unwrap_or_else(|| "127.0.0.1".to_owned())
}

/// Returns the addresses by which `bring.ip_port` tells this node from others.
pub(super) fn own_addresses(node: &Node) -> Own {
    Own {
        external: node.dictionary.get("external_ip").unwrap_or_default(),
        internal: node.dictionary.get("ip").unwrap_or_default(),
    }
}
