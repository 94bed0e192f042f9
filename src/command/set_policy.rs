//! `set policy` and `name[key] = value`: objects kept in variables (reference/command-language 8.1).

use super::{
    Code, Entry, Error, Line, Node, Reply, Role, Session, assign,
    scope::SessionScope,
    table::{Command, Help, Network},
};
use crate::{
    policy::json,
    script::{Change, Resolved, Scope, Word, json_value},
};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Changes of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct SetPolicy {
    name: String,
    changes: Vec<Change>,
}

/// The commands of this family.
pub const ENTRIES: &[Entry] = &[Entry {
    words: "set policy",
    min_words: 2,
    assigns: false,
    role: Role::Publish,
    network: Network::Both,
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

fn parse(line: &Line<'_>) -> Result<Command, Error> {
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
    Ok(Command::SetPolicy(SetPolicy { name: name.to_owned(), changes }))
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
        None => Ok(&[]),
        Some(0) => Ok(rest.get(1..).unwrap_or_default()),
        Some(_) => {
            let detail = format!("the value of {place} is more than one word: put it in quotes");
            Err(Error::with(Code::STRUCTURE, detail))
        }
    }
}

impl SetPolicy {
    /// Changes the object.
    ///
    /// # Errors
    /// When the variable holds something else, or a place is not there.
    pub fn execute(self, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        update(node, session, &self.name, self.changes)?;
        Ok(Reply::Empty)
    }
}

/// Changes the object that a variable holds; a variable without value becomes an object.
pub(super) fn update(node: &Node, session: &mut Session, name: &str, changes: Vec<Change>) -> Result<(), Error> {
    let text = SessionScope::new(node, session).variable(name).unwrap_or_default();
    let mut object = match text.as_str() {
        "" => Map::new(),
        text => match json::parse_lenient(text) {
            Ok(Value::Object(object)) => object,
            _ => return Err(Error::with(Code::JSON, format!("'{name}' holds no JSON object"))),
        },
    };
    for change in changes {
        change.apply(&mut object)?;
    }
    assign::put(node, session, name, Resolved::Text(json::text(&Value::Object(object))));
    Ok(())
}
