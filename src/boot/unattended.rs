//! A node for the tests of rooms that need a whole one.

use crate::{
    boot::node,
    config::Config,
    node::{Node, Output},
    reply::{Notice, Reply},
    runtime::shutdown::Shutdown,
};
use std::sync::Arc;

/// A console that nobody looks at.
struct Unseen;

impl Output for Unseen {
    fn show(&self, _reply: &Reply) {}
    fn notice(&self, _notice: &Notice) {}
}

/// Builds a node of the default configuration, with a console that nobody looks at; nothing of it runs yet.
pub fn unattended() -> Arc<Node> {
    node(Config::default(), Arc::new(Unseen), Shutdown::new()).unwrap()
}
