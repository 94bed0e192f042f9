//! Where a caller's references get their values from.

use super::{Node, Session};
use crate::script::Scope;
use std::collections::HashMap;

/// The caller's own variables, then the dictionary of the node.
pub(super) struct SessionScope<'a> {
    node: &'a Node,
    locals: Option<&'a HashMap<String, String>>,
}

impl<'a> SessionScope<'a> {
    pub(super) fn new(node: &'a Node, session: &'a Session) -> Self {
        Self { node, locals: session.locals.as_ref() }
    }
}

impl Scope for SessionScope<'_> {
    fn variable(&self, name: &str) -> Option<String> {
        let own = self.locals.and_then(|locals| locals.get(name)).cloned();
        own.or_else(|| self.node.dictionary.get(name))
    }

    fn environment(&self, name: &str) -> Option<String> {
        self.node.dictionary.environment(name)
    }
}
