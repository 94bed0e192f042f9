//! Where a caller's references get their values from.

use super::{Node, Session, secret};
use crate::script::{Scope, Word};
use std::collections::HashMap;

/// The caller's own variables, then the dictionary of the node. Callers over the network get the node's secrets masked.
pub(super) struct SessionScope<'a> {
    node: &'a Node,
    locals: Option<&'a HashMap<String, String>>,
    masks: bool,
}

impl<'a> SessionScope<'a> {
    pub(super) fn new(node: &'a Node, session: &'a Session) -> Self {
        let masks = session.origin.is_remote() && session.depth == 0;
        Self { node, locals: session.locals.as_ref(), masks }
    }

    /// Creates a scope that gives secrets to a command which needs them, for example the password of a database.
    pub(super) fn with_secrets(node: &'a Node, session: &'a Session) -> Self {
        Self { masks: false, ..Self::new(node, session) }
    }

    /// Returns a text of this command without the secrets that its words refer to.
    pub(super) fn masked(&self, words: &[Word], text: &str) -> String {
        let secrets = words.iter().filter_map(|word| self.value_of_secret(&word.text));
        secrets
            .filter(|secret| !secret.is_empty())
            .fold(text.to_owned(), |text, secret| text.replace(&secret, secret::MASK))
    }

    /// Returns what a word that refers to a secret stands for.
    fn value_of_secret(&self, word: &str) -> Option<String> {
        let name = word.get(1..).filter(|name| secret::is_secret(name))?;
        let name = name.split('.').next().unwrap_or_default();
        if word.starts_with('!') { self.node.dictionary.get(name) } else { self.node.dictionary.environment(name) }
    }

    fn shown(&self, name: &str, value: String) -> String {
        if self.masks { secret::shown(name, &value).to_owned() } else { value }
    }
}

impl Scope for SessionScope<'_> {
    fn variable(&self, name: &str) -> Option<String> {
        let own = self.locals.and_then(|locals| locals.get(name)).cloned();
        own.or_else(|| Some(self.shown(name, self.node.dictionary.get(name)?)))
    }

    fn environment(&self, name: &str) -> Option<String> {
        Some(self.shown(name, self.node.dictionary.environment(name)?))
    }
}
