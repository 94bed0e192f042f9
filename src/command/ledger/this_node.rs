//! The addresses by which policies and commands name this node.

use crate::{
    node::{Node, Question},
    query::Query,
};

/// Returns the address of this node.
pub(super) fn own_host(node: &Node) -> String {
    node.dictionary.get("ip").unwrap_or_else(|| "127.0.0.1".to_owned())
}

/// Returns a query as a question to the policies of now.
pub(super) fn question(node: &Node, query: Query) -> Question {
    Question { query, policies: node.ledger.view(), own: node.addresses(), overlaid: true }
}
