//! `set policy` and `name[key] = value`: objects kept in variables (reference/command-language 8.1).

use crate::{
    command::engine::{Access, Command, Entry, Help, Line, NetworkCallers, Parsed, Traits, parsed},
    node::{Node, Session, variables},
    reply::{Code, Error, Reply},
    script::{Change, Scope, Word, json_value},
};
use async_trait::async_trait;
use std::sync::Arc;

/// Changes of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct SetPolicy {
    name: String,
    changes: Vec<Change>,
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[Entry {
    words: "set policy",
    min_words: 2,
    assigns: false,
    access: Access::Variables,
    opens_secrets: false,
    network: NetworkCallers::Both,
    traits: Traits::CHANGE,
    help: Help {
        usage: "set policy [name] [key] … = [value] [and [key] … = [value]]",
        text: "Sets attributes of the object that a variable holds; the variable is created when it is missing. '+' instead of '=' appends to a list. Single quotes keep a reference unresolved.",
        examples: &[
            "set policy new_policy [config] = {} and [config][name] = my-config",
            "set policy new_policy [config][port] = '!anylog_server_port.int'",
            "set policy new_policy [config][script] + \"run scheduler 1\"",
        ],
        index: &["metadata", "json", "configuration"],
    },
    parse,
}];

fn parse(line: &Line<'_>) -> Parsed {
    let usage = || Error::with(Code::STRUCTURE, "write: set policy NAME [key] = value [and [key] = value]");
    let (name, mut rest) = match line.arguments() {
        [first, rest @ ..] => (first, rest),
        [] => return Err(usage()),
    };
    let mut changes = Vec::new();
    let name = match name.text.find('[') {
        Some(at) => {
            let (name, place) = name.text.split_at(at);
            rest = change(place, rest, line.scope, &mut changes)?;
            name
        }
        None => name.text.as_str(),
    };
    if name.is_empty() || (rest.is_empty() && changes.is_empty()) {
        return Err(usage());
    }
    while let [place, tail @ ..] = rest {
        rest = change(&place.text, tail, line.scope, &mut changes)?;
    }
    parsed(SetPolicy { name: name.to_owned(), changes })
}

/// Reads `= value` or `+ value` of one place and returns the words behind the next `and`.
fn change<'a>(
    place: &str,
    words: &'a [Word],
    scope: &dyn Scope,
    changes: &mut Vec<Change>,
) -> Result<&'a [Word], Error> {
    let missing = "Error in 'set policy' command - assignment info is not complete";
    let [sign, value, rest @ ..] = words else { return Err(Error::with(Code::STRUCTURE, missing)) };
    if !sign.is("=") && !sign.is("+") {
        return Err(Error::with(Code::STRUCTURE, format!("'=' or '+' is expected behind {place}")));
    }
    changes.push(Change::new(place, json_value(value, scope), sign.is("+"), scope)?);
    match rest.iter().position(|word| word.is("and")) {
        None => match rest {
            [next, ..] if next.text.starts_with('[') => {
                let detail = format!("'and' is expected between the value of {place} and {}", next.text);
                Err(Error::with(Code::STRUCTURE, detail))
            }
            // More words of a value are left out, as other nodes do.
            _ => Ok(&[]),
        },
        Some(0) => Ok(rest.get(1..).unwrap_or_default()),
        Some(_) => {
            let detail = format!("the value of {place} is more than one word: put it in quotes");
            Err(Error::with(Code::STRUCTURE, detail))
        }
    }
}

#[async_trait]
impl Command for SetPolicy {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        variables::update(node, session, &self.name, self.changes)?;
        Ok(Reply::Empty)
    }
}
