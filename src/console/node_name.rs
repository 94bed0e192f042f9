//! The name of the node, as pages show it.

use super::words;
use crate::node::{Node, name_and};

/// Characters of it.
const SHOWN: usize = 64;

/// Returns the name of the node as people know it: that of the configuration, else the one that the network shows.
#[must_use]
pub fn shown(node: &Node) -> String {
    let set = node.dictionary.get("node_name").filter(|name| !name.is_empty());
    words::short(&set.unwrap_or_else(|| name_and(node, "")), SHOWN)
}
