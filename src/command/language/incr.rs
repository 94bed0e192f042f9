//! `incr`: integer addition, and `get !key`: the bare text of a reference (reference/command-language 12.4 and 12.10).

use crate::{
    command::engine::{Command, Entry, Help, Line, Network, Parsed, Traits, parsed},
    node::{Node, Role, Session, secret},
    reply::{Code, Error, Reply},
    script::resolve,
};
use async_trait::async_trait;
use std::sync::Arc;

/// A value that was worked out while the words were read.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    reply: Reply,
    /// Name of the variable that was asked for.
    name: Option<String>,
}

/// The commands of this family.
pub const ENTRIES: &[Entry] = &[
    Entry {
        words: "incr",
        min_words: 1,
        assigns: true,
        role: Role::Read,
        network: Network::Both,
        traits: Traits::CHANGE,
        help: Help {
            usage: "[key =] incr [value] [number]",
            text: "Adds a number, 1 when it is not given, to an integer.",
            examples: &["counter = incr !counter", "counter = incr !counter -5"],
            index: &["script"],
        },
        parse: parse_incr,
    },
    Entry {
        words: "get",
        min_words: 2,
        assigns: true,
        role: Role::Read,
        network: Network::Both,
        traits: Traits::QUESTION,
        help: Help {
            usage: "[key =] get [!key / $NAME]",
            text: "Returns the value of a reference as plain text.",
            examples: &["get !ledger_conn", "get $NODE_NAME"],
            index: &["configuration", "get"],
        },
        parse: parse_get,
    },
];

fn parse_incr(line: &Line<'_>) -> Parsed {
    let (value, number) = match line.arguments() {
        [value] => (value, "1"),
        [value, number] => (value, number.text.as_str()),
        [sign_less, sign, number] if sign.is("+") => (sign_less, number.text.as_str()),
        _ => return Err(Error::with(Code::STRUCTURE, "write: incr VALUE [NUMBER]")),
    };
    let value = resolve(value, line.scope).into_text();
    let wrong = |text: &str| Error::with(Code::PARAMETERS, format!("Wrong value provided to 'incr' command: {text}"));
    let sum = value.trim().parse::<i64>().map_err(|_| wrong(&value))?;
    let number = number.trim().parse::<i64>().map_err(|_| wrong(number))?;
    let sum = sum.checked_add(number).ok_or_else(|| wrong(&value))?;
    parsed(Value::text(sum.to_string()))
}

fn parse_get(line: &Line<'_>) -> Parsed {
    let [word] = line.arguments() else { return Err(line.catalog.wrong_member(line.words)) };
    if !word.is_reference() {
        return Err(line.catalog.wrong_member(line.words));
    }
    let text = resolve(word, line.scope).into_text();
    let reply = if text.is_empty() { Reply::Empty } else { Reply::Text(text) };
    parsed(Value { reply, name: word.text.get(1..).map(str::to_owned) })
}

#[async_trait]
impl Command for Value {
    async fn run(self: Box<Self>, _node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        match (self.reply, self.name) {
            (Reply::Text(text), Some(name)) if session.origin.is_remote() => {
                Ok(Reply::Text(secret::shown(&name, &text).to_owned()))
            }
            (reply, _) => Ok(reply),
        }
    }
}

impl Value {
    /// Creates a value that is a text.
    pub(super) const fn text(text: String) -> Self {
        Self { reply: Reply::Text(text), name: None }
    }
}
