//! Variables of the node and its environment, without their secrets (reference/command-language 12.4).

use crate::{
    command::engine::{
        Access, Command, Entry, Help, Line, Parsed,
        options::{OutputFormat, format, only_format, options_after, resolved},
        parsed,
    },
    node::{Node, Session, secret},
    reply::{Error, Reply, Table},
    script::Key,
};
use async_trait::async_trait;
use serde_json::Value;
use std::sync::Arc;

/// Commands that show variables.
#[derive(Clone, Debug, PartialEq)]
pub enum Variables {
    /// `get dictionary [substring]`.
    Dictionary(String, OutputFormat),
    /// `get env var`.
    Environment(OutputFormat),
}

#[async_trait]
impl Command for Variables {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        Ok(match *self {
            Self::Dictionary(part, format) => {
                let mut all = node.dictionary.variables();
                all.retain(|(name, _)| name.contains(&part));
                list(all, format)
            }
            Self::Environment(format) => {
                let mut all = node.dictionary.environment_variables();
                // Other programs keep all they know of a login in one variable: host=… password=…
                all.iter_mut().for_each(|(_, value)| *value = secret::masked(value).into_owned());
                all.sort();
                list(all, format)
            }
        })
    }
}

/// Lists names and values: sorted as a table, in the given order as JSON.
fn list(mut variables: Vec<(String, String)>, format: OutputFormat) -> Reply {
    for (name, value) in &mut variables {
        *value = secret::value_or_mask(name, value).into_owned();
    }
    match format {
        OutputFormat::Json => Reply::Value(Value::Object(variables.into_iter().map(|(k, v)| (k, v.into())).collect())),
        OutputFormat::Table => {
            variables.sort();
            let rows = variables.into_iter().map(|(name, value)| vec![name.into(), value.into()]).collect();
            Reply::Table(Table::new(["Key", "Value"], rows))
        }
    }
}

fn parse_dictionary(line: &Line<'_>) -> Parsed {
    let words = line.arguments();
    let part = match words.first() {
        Some(word) if word.text != "where" => Some(resolved(line, &word.text)),
        _ => None,
    };
    let arguments = options_after(line, usize::from(part.is_some()), &[Key::format("format")])?;
    parsed(Variables::Dictionary(part.unwrap_or_default(), format(&arguments)))
}

fn parse_environment(line: &Line<'_>) -> Parsed {
    only_format(line).and_then(|format| parsed(Variables::Environment(format)))
}

/// The commands of this file.
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
    ).reaching(Access::ReadInside),
    Entry::read(
        "get env var",
        parse_environment,
        Help {
            usage: "get env var [where format = table/json]",
            text: "Lists the variables of the environment as the node sees them, secrets and passwords inside of URLs masked.",
            examples: &["get env var", "get env var where format = json"],
            index: &["configuration", "node info"],
        },
    ).reaching(Access::ReadInside),
];
