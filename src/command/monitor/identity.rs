//! Who the node is and whether it runs (reference/command-language 12.3).

use crate::{
    command::engine::{
        Command, Entry, Help, Line, Parsed,
        options::{OutputFormat, nothing_more, one_word, options, resolved},
        parsed,
    },
    node::{Node, Session, VERSION, host_name, name_and, node_name},
    reply::{Code, Error, Reply},
    script::{Key, WordKind},
};
use async_trait::async_trait;
use serde_json::{Map, Value};
use std::sync::Arc;

/// Commands that tell or set the identity.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeIdentity {
    /// `get status`.
    Status,
    /// `get status where …`: variables to include, by the name they get.
    StatusJson(Vec<(String, String)>),
    /// `get version`.
    Version(OutputFormat),
    /// `get node name`.
    NodeName,
    /// `get hostname`.
    HostName,
    /// `set node name`.
    SetNodeName(String),
}

#[async_trait]
impl Command for NodeIdentity {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        Ok(match *self {
            Self::Status => Reply::Text(name_and(node, " running")),
            Self::StatusJson(include) => Reply::Value(status(node, include)),
            Self::Version(OutputFormat::Table) => Reply::Text(VERSION.to_owned()),
            Self::Version(OutputFormat::Json) => {
                Reply::Value(serde_json::json!({"version": VERSION, "node_name": node_name(node)}))
            }
            Self::NodeName => Reply::Text(node_name(node)),
            Self::HostName => Reply::Text(host_name()),
            Self::SetNodeName(name) => {
                node.name.store(Some(name).filter(|name| !name.is_empty()).map(Arc::new));
                Reply::Empty
            }
        })
    }
}

fn status(node: &Node, include: Vec<(String, String)>) -> Value {
    let mut status = Map::new();
    status.insert("assigned_name".to_owned(), node_name(node).into());
    status.insert("status".to_owned(), "running".into());
    status.insert("profiling".to_owned(), false.into());
    status.extend(include.into_iter().map(|(name, value)| (name, value.into())));
    Value::Object(status)
}

fn parse_status(line: &Line<'_>) -> Parsed {
    if line.arguments().is_empty() {
        return parsed(NodeIdentity::Status);
    }
    let schema = [Key::text("format"), Key::text("include").many()];
    // Clients compare this error as a whole, so it says no more than its code (reference/rest 16).
    let arguments = options(line, &schema).map_err(|error| Error::new(error.code))?;
    if !matches!(arguments.text("format"), None | Some("json" | "mcp")) {
        return Err(Error::with(Code::STRUCTURE, "the format of 'get status' is json"));
    }
    let mut included = Vec::new();
    for (name, value) in included_names(line).into_iter().zip(arguments.texts("include")) {
        let Some(name) = name.strip_prefix('!') else {
            return Err(Error::with(
                Code::STRUCTURE,
                format!("'include = {name}' is no variable; write include = !{name}"),
            ));
        };
        let value = if value.starts_with('!') { resolved(line, value) } else { value.to_owned() };
        included.push((name.to_owned(), value));
    }
    parsed(NodeIdentity::StatusJson(included))
}

/// Returns the words after every `include =`, as they were written.
fn included_names(line: &Line<'_>) -> Vec<String> {
    let words = line.arguments();
    words
        .windows(3)
        .filter_map(|three| match three {
            [key, sign, name] if key.text == "include" && sign.kind == WordKind::Operator => Some(name.text.clone()),
            _ => None,
        })
        .collect()
}

fn parse_version(line: &Line<'_>) -> Parsed {
    let format = match options(line, &[Key::text("format")])?.text("format") {
        None | Some("table") => OutputFormat::Table,
        Some("json" | "mcp") => OutputFormat::Json,
        Some(other) => return Err(Error::with(Code::STRUCTURE, format!("format '{other}': write table, json or mcp"))),
    };
    parsed(NodeIdentity::Version(format))
}

fn parse_node_name(line: &Line<'_>) -> Parsed {
    nothing_more(line).and_then(|()| parsed(NodeIdentity::NodeName))
}

fn parse_host_name(line: &Line<'_>) -> Parsed {
    nothing_more(line).and_then(|()| parsed(NodeIdentity::HostName))
}

fn parse_set_node_name(line: &Line<'_>) -> Parsed {
    one_word(line, "the name").and_then(|name| parsed(NodeIdentity::SetNodeName(name)))
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[
    Entry::read(
        "get status",
        parse_status,
        Help {
            usage: "get status [where format = json [and include = !name]…]",
            text: "Tells the name and address of the node and that it runs.\nWith include the values of variables are added, each under its own name.",
            examples: &[
                "get status",
                "get status where format = json",
                "get status where format = json and include = !!node_type",
            ],
            index: &["node info", "monitor"],
        },
    ),
    Entry::read(
        "get version",
        parse_version,
        Help {
            usage: "get version where format = [table/json/mcp]",
            text: "Tells the version of the network software that this node behaves like.",
            examples: &["get version", "get version where format = json", "get version where format = mcp"],
            index: &["node info"],
        },
    ),
    Entry::read(
        "get node name",
        parse_node_name,
        Help {
            usage: "get node name",
            text: "Tells the name set by 'set node name' and the address that other nodes use.",
            examples: &["get node name"],
            index: &["node info"],
        },
    ),
    Entry::read(
        "get hostname",
        parse_host_name,
        Help {
            usage: "get hostname",
            text: "Tells the name of the machine.",
            examples: &["get hostname", "hostname = get hostname"],
            index: &["node info"],
        },
    ),
    Entry::change(
        "set node name",
        parse_set_node_name,
        Help {
            usage: "set node name NAME",
            text: "Names the node: the prompt and the status show it. An empty name removes it.",
            examples: &["set node name anylog-master", "set node name !node_name", "set node name \"\""],
            index: &["configuration", "cli"],
        },
    ),
];
