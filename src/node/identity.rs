//! Who the node is.

use super::node::Node;

/// What the node says about its version; deployment scripts look at the first word.
pub const VERSION: &str = "EdgeLake Version: 1.4.2604";

/// Returns `name@ip:port`, the address being the one that other nodes use; without a TCP server it has no port.
#[must_use]
pub fn node_name(node: &Node) -> String {
    name_and(node, "")
}

/// Returns the name of the node with a text behind it.
pub fn name_and(node: &Node, behind: &str) -> String {
    let name = node.name.load();
    let name = name.as_ref().map_or("AnyLog", |name| name.as_str());
    match node.services.peers.status() {
        Some(listening) => {
            let external = listening.options.external;
            format!("{name}@{external}{behind}")
        }
        None => [name, "@", node.dictionary.get("ip").as_deref().unwrap_or("127.0.0.1"), behind].concat(),
    }
}

/// Returns the name of this machine; empty when the system has none.
#[must_use]
pub fn host_name() -> String {
    hostname::get().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
