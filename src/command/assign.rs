//! Variables: `key = value`, `set key = value`, `set $NAME = value` (reference/command-language 5).

use super::{
    Code, Entry, Error, Line, Node, Reply, Role, Session, set_policy,
    table::{Command, Help, Network},
};
use crate::script::{Change, Resolved, place_of, resolve, typed_value};
use std::sync::Arc;

/// `set key = value`.
#[derive(Clone, Debug, PartialEq)]
pub struct Set {
    key: String,
    value: Resolved,
}

/// The commands of this family.
pub const ENTRIES: &[Entry] = &[Entry {
    words: "set",
    min_words: 4,
    assigns: false,
    role: Role::Publish,
    network: Network::Both,
    help: Help {
        usage: "set [key] = [value]",
        text: "Stores a value in the dictionary; '!key' returns it, an empty value removes it. With '$NAME' the node's copy of an environment variable is set.",
        examples: &["set company_name = \"New Company\"", "set ledger_conn = !ip", "set $NODE_NAME = master"],
        index: &["configuration"],
    },
    parse,
}];

fn parse(line: &Line<'_>) -> Result<Command, Error> {
    match line.words {
        [_, key, equal, value] if equal.is("=") && !key.text.is_empty() => {
            Ok(Command::Set(Set { key: key.text.clone(), value: resolve(value, line.scope) }))
        }
        _ => Err(Error::with(Code::STRUCTURE, "write: set key = value, with the value as one word or in quotes")),
    }
}

impl Set {
    /// Stores the value.
    ///
    /// # Errors
    /// When the key cannot take a value.
    pub fn execute(self, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        match self.key.strip_prefix('$').filter(|name| !name.is_empty()) {
            Some(name) => node.dictionary.set_environment(name, self.value.into_text()),
            None => change(node, session, &self.key, self.value)?,
        }
        Ok(Reply::Empty)
    }
}

/// Removes a key before its new value is found, so that `a = !a` clears it.
pub(super) fn forget(node: &Node, session: &mut Session, key: &str) {
    if let Some(locals) = &mut session.locals {
        locals.remove(key);
    }
    node.dictionary.remove(key);
}

/// Stores a value under the left side of an assignment: `key`, `!key`, `$NAME`, `key[]`, `key{}`.
pub(super) fn store(node: &Node, session: &mut Session, key: &str, value: Resolved) -> Result<(), Error> {
    if let Some(name) = key.strip_prefix('$').filter(|name| !name.is_empty()) {
        node.dictionary.set_environment(name, value.into_text());
        return Ok(());
    }
    let key = key.strip_prefix('!').filter(|key| !key.is_empty()).unwrap_or(key);
    change(node, session, key, value)
}

/// Puts a value under a key, or with `name[a][b]` into the object that a variable holds.
fn change(node: &Node, session: &mut Session, key: &str, value: Resolved) -> Result<(), Error> {
    let Some((name, place)) = place_of(key) else {
        put(node, session, key, value);
        return Ok(());
    };
    let change = Change::new(place, typed_value(value), false, &super::scope::SessionScope::new(node, session))?;
    let wrong = |error: Error| Error { code: Code::UNRECOGNIZED_COMMAND, ..error };
    set_policy::update(node, session, name, vec![change]).map_err(wrong)
}

/// Puts a value into the dictionary; a text that is a reference is replaced once more, two quotes are nothing.
pub(super) fn put(node: &Node, session: &mut Session, key: &str, value: Resolved) {
    let text = value.into_text();
    let text = match text.starts_with(['!', '$']) && text.len() > 1 {
        true => resolve(&text, &super::scope::SessionScope::new(node, session)).into_text(),
        false => text,
    };
    let text = if matches!(text.as_str(), "\"\"" | "''") { String::new() } else { text };
    let key = key.strip_suffix("[]").or_else(|| key.strip_suffix("{}")).filter(|key| !key.is_empty()).unwrap_or(key);
    if let Some(locals) = &mut session.locals {
        locals.insert(key.to_owned(), text.clone());
    }
    node.dictionary.set(key, text);
}
