//! `monitor`, `get monitored`, `set monitored nodes`, `reset monitored`: what nodes report about themselves
//! (reference/command-language 12.10).

use crate::{
    command::engine::{
        Access, Command, Entry, Exchange, Help, Line, Parsed, Traits,
        options::{one_word, only_format, options, options_after, resolved},
        parsed,
    },
    node::{Full, Node, Origin, Session},
    policy::json,
    reply::{Code, Error, Reply},
    script::Key,
};
use anylog_values::host_and_port;
use async_trait::async_trait;
use serde_json::{Map, Value};
use std::sync::Arc;

/// Commands about what nodes report.
#[derive(Clone, Debug, PartialEq)]
pub enum MonitoredCommand {
    /// `monitor TOPIC where …`.
    Report {
        /// The topic.
        topic: String,
        /// Address of the node; that of the sender when it is not given.
        ip: Option<String>,
        /// Name of the node.
        name: Option<String>,
        /// What it reports.
        info: Map<String, Value>,
    },
    /// `monitor TOPIC where ip = … and setup = true`, `set monitored nodes where topic = … and nodes = …`.
    Expect {
        /// The topic.
        topic: String,
        /// The nodes.
        nodes: Vec<String>,
    },
    /// `get monitored`.
    Topics,
    /// `get monitored TOPIC`.
    Topic(String),
    /// `reset monitored TOPIC`.
    Reset(String),
}

#[async_trait]
impl Command for MonitoredCommand {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        let full = |reason: Full| Error::with(Code::PARAMETERS, format!("{reason}"));
        match *self {
            Self::Report { topic, ip, name, info } => {
                let id = reporter(node, session, ip, name)?;
                node.monitored.report(&topic, &id, info).map_err(full)?;
                Ok(Reply::Empty)
            }
            Self::Expect { topic, nodes } => {
                for one in nodes {
                    node.monitored.expect(&topic, &one).map_err(full)?;
                }
                Ok(Reply::Empty)
            }
            Self::Topics => Ok(Reply::Value(node.monitored.topics().into())),
            Self::Topic(topic) => match node.monitored.topic(&topic) {
                Some(nodes) => Ok(Reply::Value(nodes.into())),
                None => Err(Error::with(Code::TOPIC, format!("no node has reported to the topic '{topic}'"))),
            },
            Self::Reset(topic) if node.monitored.reset(&topic) => Ok(Reply::Empty),
            Self::Reset(topic) => {
                Err(Error::with(Code::PARAMETERS, format!("no node has reported to the topic '{topic}'")))
            }
        }
    }
}

/// Returns what the node of a report is called: its address with its name or its port.
fn reporter(node: &Node, session: &Session, ip: Option<String>, name: Option<String>) -> Result<String, Error> {
    let (sender, port) = match session.origin.source() {
        Origin::Peer { host, port, .. } => (Some(host.clone()), Some(*port)),
        _ => {
            (node.dictionary.get("external_ip"), node.services.peers.status().map(|server| server.bound.port().into()))
        }
    };
    let ip = ip.or(sender).ok_or_else(|| Error::with(Code::PARAMETERS, "write the address of the node: ip = …"))?;
    Ok(match (name, port) {
        (Some(name), _) => format!("{ip}.{name}"),
        (None, Some(port)) => host_and_port(&ip, &port.to_string()),
        (None, None) => ip,
    })
}

/// Returns the first word behind those of the command.
fn topic(line: &Line<'_>) -> Result<String, Error> {
    match line.arguments() {
        [topic, ..] if !topic.is("where") => Ok(resolved(line, &topic.text)),
        _ => Err(Error::with(Code::STRUCTURE, "the topic is missing: monitor operators where info = {…}")),
    }
}

fn monitor(line: &Line<'_>) -> Parsed {
    let topic = topic(line)?;
    let keys = [Key::text("ip"), Key::text("name"), Key::text("info"), Key::bool("setup")];
    let arguments = options_after(line, 1, &keys)?;
    let text = |key| arguments.text(key).map(str::to_owned);
    if arguments.bool("setup") == Some(true) {
        let node = text("ip").ok_or_else(|| Error::with(Code::STRUCTURE, "write the address of the node: ip = …"))?;
        return parsed(MonitoredCommand::Expect { topic, nodes: vec![node] });
    }
    let info = text("info").ok_or_else(|| {
        Error::with(Code::STRUCTURE, "write what is reported: monitor operators where info = {\"cpu\" : 3}")
    })?;
    match json::parse_lenient(&info) {
        Ok(Value::Object(info)) if !info.is_empty() => {
            parsed(MonitoredCommand::Report { topic, ip: text("ip"), name: text("name"), info })
        }
        _ => Err(Error::with(
            Code::JSON,
            format!("what is reported has to be a JSON object with attributes, not '{info}'"),
        )),
    }
}

fn set_nodes(line: &Line<'_>) -> Parsed {
    let arguments = options(line, &[Key::text("topic").required(), Key::text("nodes").required().many()])?;
    let nodes = arguments.texts("nodes").flat_map(|list| list.split(',').map(|node| node.trim().to_owned()));
    let nodes = nodes.filter(|node| !node.is_empty()).collect();
    parsed(MonitoredCommand::Expect { topic: arguments.text("topic").unwrap_or_default().to_owned(), nodes })
}

fn get(line: &Line<'_>) -> Parsed {
    match line.arguments() {
        [topic] if !topic.is("where") => parsed(MonitoredCommand::Topic(resolved(line, &topic.text))),
        _ => only_format(line).and_then(|_| parsed(MonitoredCommand::Topics)),
    }
}

fn reset(line: &Line<'_>) -> Parsed {
    one_word(line, "the topic").and_then(|topic| parsed(MonitoredCommand::Reset(topic)))
}

/// Words by which `help index` finds the commands.
const INDEX: &[&str] = &["monitor"];

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[
    Entry::change(
        "monitor",
        monitor,
        Help {
            usage: "monitor [topic] where ip = [ip] and name = [node name] and info = [json]",
            text: "Keeps what a node reports about itself, until its next report; 'get monitored' shows it. Without an address \
                   the sender is meant.",
            examples: &[
                "monitor operators where ip = 10.0.0.7 and name = operator1 and info = {\"cpu\" : 3, \"disk\" : 10}",
                "monitor operators where name = operator1 and info = {\"status\" : \"Active\"}",
            ],
            index: INDEX,
        },
    )
    .reaching(Access::Report)
    .with(Traits::CHANGE.over_tcp(Exchange::Report)),
    Entry::read(
        "get monitored",
        get,
        Help {
            usage: "get monitored [topic]",
            text: "Lists the topics to which nodes report, or what the nodes of one topic reported last.",
            examples: &["get monitored", "get monitored operators"],
            index: INDEX,
        },
    ),
    Entry::change(
        "set monitored nodes",
        set_nodes,
        Help {
            usage: "set monitored nodes where topic = [topic] and nodes = [ip:port, …]",
            text: "Names the nodes of a topic before they report, so that a silent one is seen.",
            examples: &["set monitored nodes where topic = operators and nodes = 10.0.0.78:7848,10.0.0.78:3048"],
            index: INDEX,
        },
    ),
    Entry::change(
        "reset monitored",
        reset,
        Help {
            usage: "reset monitored [topic]",
            text: "Forgets what nodes reported to a topic.",
            examples: &["reset monitored operators"],
            index: INDEX,
        },
    ),
];
