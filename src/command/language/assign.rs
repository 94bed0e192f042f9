//! Variables: `key = value`, `set key = value`, `set $NAME = value` (reference/command-language 5).

use crate::{
    command::engine::{Access, Command, Entry, Help, Line, NetworkCallers, Parsed, Traits, parsed},
    node::{Node, Session, SessionScope, variables},
    reply::{Code, Error, Reply},
    script::{Word, resolve},
};
use async_trait::async_trait;
use std::sync::Arc;

/// `set key = value`.
#[derive(Clone, Debug, PartialEq)]
pub struct Set {
    key: String,
    value: Word,
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[Entry {
    words: "set",
    min_words: 4,
    assigns: false,
    access: Access::Variables,
    opens_secrets: false,
    network: NetworkCallers::Both,
    traits: Traits::CHANGE,
    help: Help {
        usage: "set [key] = [value]",
        text: "Stores a value in the dictionary; '!key' returns it, an empty value removes it. With '$NAME' the node's copy of an environment variable is set.",
        examples: &["set company_name = \"New Company\"", "set ledger_conn = !ip", "set $NODE_NAME = master"],
        index: &["configuration"],
    },
    parse,
}];

fn parse(line: &Line<'_>) -> Parsed {
    match line.words {
        [_, key, equal, value] if equal.is("=") && !key.text.is_empty() => {
            parsed(Set { key: key.text.clone(), value: value.clone() })
        }
        _ => Err(Error::with(Code::STRUCTURE, "write: set key = value, with the value as one word or in quotes")),
    }
}

#[async_trait]
impl Command for Set {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        // Resolved here, because it depends on the key whether a secret may be its value.
        let scope =
            SessionScope::for_key(node, session, &self.key, |scope| Some(resolve(&self.value, scope).into_text()));
        let value = resolve(&self.value, &scope);
        match self.key.strip_prefix('$').filter(|name| !name.is_empty()) {
            Some(name) => variables::put_environment(node, session, name, value.into_text())?,
            None => variables::change(node, session, &self.key, value)?,
        }
        Ok(Reply::Empty)
    }
}
