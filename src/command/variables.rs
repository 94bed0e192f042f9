//! Variables of the node and its environment, without their secrets (reference/command-language 12.4).

use super::options::{Format, format, only_format, options_after, resolved};
use super::{Command, Entry, Error, Help, Line, Node, Reply, Table, secret};
use crate::script::Key;
use serde_json::Value;
use std::sync::Arc;

/// Commands that show variables.
#[derive(Clone, Debug, PartialEq)]
pub enum Variables {
    /// `get dictionary [substring]`.
    Dictionary(String, Format),
    /// `get env var`.
    Environment(Format),
}

impl Variables {
    pub(super) fn execute(self, node: &Arc<Node>) -> Reply {
        match self {
            Self::Dictionary(part, format) => {
                let mut all = node.dictionary.variables();
                all.retain(|(name, _)| name.contains(&part));
                list(all, format)
            }
            Self::Environment(format) => {
                let mut all = node.dictionary.environment_variables();
                all.sort();
                list(all, format)
            }
        }
    }
}

/// Lists names and values: sorted as a table, in the given order as JSON.
fn list(mut variables: Vec<(String, String)>, format: Format) -> Reply {
    for (name, value) in &mut variables {
        *value = secret::shown(name, value).to_owned();
    }
    match format {
        Format::Json => Reply::Value(Value::Object(variables.into_iter().map(|(k, v)| (k, v.into())).collect())),
        Format::Table => {
            variables.sort();
            let rows = variables.into_iter().map(|(name, value)| vec![name.into(), value.into()]).collect();
            Reply::Table(Table { titles: vec!["Key".to_owned(), "Value".to_owned()], rows, ..Table::default() })
        }
    }
}

fn parse_dictionary(line: &Line<'_>) -> Result<Command, Error> {
    let words = line.arguments();
    let part = match words.first() {
        Some(word) if word.text != "where" => Some(resolved(line, &word.text)),
        _ => None,
    };
    let arguments = options_after(line, usize::from(part.is_some()), &[Key::format("format")])?;
    Ok(Command::Variables(Variables::Dictionary(part.unwrap_or_default(), format(&arguments))))
}

fn parse_environment(line: &Line<'_>) -> Result<Command, Error> {
    only_format(line).map(|format| Command::Variables(Variables::Environment(format)))
}

/// Rows of the command table.
pub const ENTRIES: &[Entry] = &[
    Entry::read(
        "get dictionary",
        parse_dictionary,
        Help {
            usage: "get dictionary [part of a name] [where format = table/json]",
            text: "Lists the variables of the node, all of them or those whose name contains the text.\nValues of names with key, passw, secret or token in them are masked.",
            examples: &["get dictionary", "get dictionary _dir", "get dictionary _bind where format = json"],
            index: &["configuration", "node info"],
        },
    ),
    Entry::read(
        "get env var",
        parse_environment,
        Help {
            usage: "get env var [where format = table/json]",
            text: "Lists the variables of the environment as the node sees them, secrets masked.",
            examples: &["get env var", "get env var where format = json"],
            index: &["configuration", "node info"],
        },
    ),
];
