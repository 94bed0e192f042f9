//! Values that are known as soon as the words are read, and `get !key`: the bare text of a reference
//! (reference/command-language 12.4).

use crate::{
    command::engine::{Access, Command, Entry, Help, Line, NetworkCallers, Parsed, Traits, parsed},
    node::{Node, Session, secret},
    reply::{Error, Reply},
    script::resolve,
};
use async_trait::async_trait;
use std::sync::Arc;

/// A value that was worked out while the words were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedValue {
    text: String,
    /// Name of the variable that was asked for: callers over the network get no secrets.
    variable: Option<String>,
}

impl ParsedValue {
    /// Creates a value that no variable holds.
    pub(super) const fn text(text: String) -> Self {
        Self { text, variable: None }
    }
}

/// The command of this file.
pub const ENTRIES: &[Entry] = &[Entry {
    words: "get",
    min_words: 2,
    assigns: true,
    access: Access::ReadInside,
    opens_secrets: false,
    network: NetworkCallers::Both,
    traits: Traits::QUESTION,
    help: Help {
        usage: "[key =] get [!key / $NAME]",
        text: "Returns the value of a reference as plain text.",
        examples: &["get !ledger_conn", "get $NODE_NAME"],
        index: &["configuration", "get"],
    },
    parse: parse_get,
}];

fn parse_get(line: &Line<'_>) -> Parsed {
    let [word] = line.arguments() else { return Err(line.catalog.wrong_member(line.words)) };
    if !word.is_reference() {
        return Err(line.catalog.wrong_member(line.words));
    }
    let text = resolve(word, line.scope).into_text();
    parsed(ParsedValue { text, variable: word.text.get(1..).map(str::to_owned) })
}

#[async_trait]
impl Command for ParsedValue {
    async fn run(self: Box<Self>, _node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        Ok(match self.variable {
            Some(_) if self.text.is_empty() => Reply::Empty,
            Some(name) if session.origin.is_remote() => {
                Reply::written(secret::value_or_mask(&name, &self.text).into_owned())
            }
            _ => Reply::written(self.text),
        })
    }
}
