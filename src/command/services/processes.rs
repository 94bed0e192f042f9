//! What runs on the node and where it listens (reference/command-language 12.2).

use crate::{
    command::engine::{
        Built, Command, Entry, Help, Line, Parsed,
        options::{OutputFormat, only_format},
        parsed,
    },
    node::{Listening, Node, Session},
    reply::{Code, Error, Reply, Table},
};
use async_trait::async_trait;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Commands that show or test services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Processes {
    /// `get processes`.
    List(OutputFormat),
    /// `get connections`.
    Connections(OutputFormat),
    /// `test process NAME`.
    Test(String),
}

/// A service of the node, one row of `get processes`.
struct Service {
    /// Name in `test process`.
    name: &'static str,
    title: &'static str,
    runs: bool,
    details: String,
}

#[async_trait]
impl Command for Processes {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        match *self {
            Self::List(format) => Ok(listing(services(node), format)),
            Self::Connections(format) => Ok(connections(node, format)),
            Self::Test(name) => services(node)
                .iter()
                .find(|service| service.name == name)
                .map(|service| Reply::Text(service.runs.to_string()))
                .ok_or_else(|| Error::with(Code::STRUCTURE, format!("Wrong process name: '{name}'"))),
        }
    }
}

/// The services in the order of the deployment document; those that a master does not have never run.
fn services(node: &Node) -> Vec<Service> {
    let absent = |name, title| Service { name, title, runs: false, details: String::new() };
    vec![
        server("tcp", "TCP", node.services.peers.status(), None),
        server("rest", "REST", node.services.rest.status(), Some(node)),
        absent("operator", "Operator"),
        absent("publisher", "Publisher"),
        synchronizer(node),
        schedulers(node),
        absent("distributor", "Distributor"),
        absent("blobs archiver", "Blobs Archiver"),
        absent("consumer", "Consumer"),
        absent("msg client", "MQTT"),
        Service { details: "No active connection".to_owned(), ..absent("message broker", "Message Broker") },
        absent("smtp", "SMTP"),
        absent("streamer", "Streamer"),
        Service {
            runs: true,
            details: format!("Threads Pool: {}", node.config.network.query_pool),
            ..absent("query pool", "Query Pool")
        },
        absent("kafka consumer", "Kafka Consumer"),
    ]
}

fn server(name: &'static str, title: &'static str, listening: Option<Listening>, rest: Option<&Node>) -> Service {
    let details = listening.as_ref().map(|listening| {
        let options = &listening.options;
        let mut text = format!("Listening on: {}", options.external);
        if options.external != options.internal {
            text += &format!(" and {}", options.internal);
        }
        text += &format!(", Threads Pool: {}", options.threads);
        if let Some(node) = rest {
            let tls = if options.tls.is_some() { "True" } else { "None" };
            let seconds = node.settings.get().rest_timeout.unwrap_or(options.timeout.as_secs());
            text += &format!(", Timeout: {seconds}, SSL: {tls}");
        }
        text
    });
    Service { name, title, runs: details.is_some(), details: details.unwrap_or_default() }
}

fn synchronizer(node: &Node) -> Service {
    let details = node.services.synchronizer.status().map(|status| {
        let options = status.options;
        let using = options.connection.map(|connection| format!(" using: {connection}")).unwrap_or_default();
        format!("Sync every {} seconds with {}{using}", options.every.as_secs(), options.source)
    });
    let (name, title) = ("blockchain sync", "Blockchain Sync");
    Service { name, title, runs: details.is_some(), details: details.unwrap_or_default() }
}

fn schedulers(node: &Node) -> Service {
    let running = node.services.scheduler.status().into_iter().filter(|scheduler| scheduler.running);
    let ids: Vec<String> = running
        .map(|scheduler| format!("[{} ({})]", scheduler.id, if scheduler.id == 0 { "system" } else { "user" }))
        .collect();
    let details = if ids.is_empty() { String::new() } else { format!("Schedulers IDs in use: {}", ids.join(" ")) };
    Service { name: "scheduler", title: "Scheduler", runs: !ids.is_empty(), details }
}

fn listing(services: Vec<Service>, format: OutputFormat) -> Reply {
    let status = |runs| if runs { "Running" } else { "Not declared" };
    if format == OutputFormat::Json {
        let rows = services.into_iter().map(|service| {
            let mut row = Map::from_iter([("Status".to_owned(), json!(status(service.runs)))]);
            if !service.details.is_empty() {
                row.insert("Details".to_owned(), json!(service.details));
            }
            (service.title.to_owned(), Value::Object(row))
        });
        return Reply::Value(Value::Object(rows.collect()));
    }
    let row = |service: Service| vec![json!(service.title), json!(status(service.runs)), json!(service.details)];
    let rows = services.into_iter().map(row).collect();
    Reply::Table(Table { margin: 4, ..Table::new(["Process", "Status", "Details"], rows) })
}

/// Shows the advertised, the own and the bound address of each server.
fn connections(node: &Node, format: OutputFormat) -> Reply {
    let servers = [("TCP", node.services.peers.status()), ("REST", node.services.rest.status()), ("Messaging", None)];
    let rows = servers.map(|(name, listening)| {
        let addresses = listening.map_or_else(
            || ["Not declared"; 3].map(str::to_owned),
            |it| [it.options.external.to_string(), it.options.internal.to_string(), bound(&it)],
        );
        (name, addresses)
    });
    match format {
        OutputFormat::Json => Reply::Value(Value::Object(
            rows.map(|(name, [external, local, bind])| {
                (name.to_owned(), json!({"external": external, "local": local, "bind": bind}))
            })
            .into_iter()
            .collect(),
        )),
        OutputFormat::Table => {
            let titles = ["Type", "External Address", "Internal Address", "Bind Address"];
            let rows = rows
                .map(|(name, [external, local, bind])| vec![json!(name), json!(external), json!(local), json!(bind)]);
            Reply::Table(Table::new(titles, rows.to_vec()))
        }
    }
}

/// Returns the address that a server is bound to as nodes of the network name it: `0.0.0.0` stands for all, also of IPv6.
fn bound(listening: &Listening) -> String {
    if listening.options.configured || listening.bound.ip().is_unspecified() {
        format!("0.0.0.0:{}", listening.bound.port())
    } else {
        listening.bound.to_string()
    }
}

/// Asks for the services as JSON.
#[must_use]
pub fn process_list() -> Built {
    Built::new(LIST, Processes::List(OutputFormat::Json))
}

/// The entry of `get processes`.
const LIST: &Entry = match ENTRIES {
    [list, ..] => list,
    [] => unreachable!(),
};

fn parse_list(line: &Line<'_>) -> Parsed {
    only_format(line).and_then(|format| parsed(Processes::List(format)))
}

fn parse_connections(line: &Line<'_>) -> Parsed {
    only_format(line).and_then(|format| parsed(Processes::Connections(format)))
}

fn parse_test(line: &Line<'_>) -> Parsed {
    let words: Vec<&str> = line.arguments().iter().map(|word| word.text.as_str()).collect();
    parsed(Processes::Test(words.join(" ")))
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[
    Entry::read(
        "get processes",
        parse_list,
        Help {
            usage: "get processes [where format = table/json]",
            text: "Lists the services of a node, which of them run, and with what.\nA service that this node does not have is shown as not declared.",
            examples: &["get processes", "get processes where format = json"],
            index: &["background processes", "monitor"],
        },
    ),
    Entry::read(
        "get connections",
        parse_connections,
        Help {
            usage: "get connections [where format = table/json]",
            text: "Lists for each server the address told to others, the own address, and the address it listens on.",
            examples: &["get connections", "get connections where format = json"],
            index: &["background processes", "network"],
        },
    ),
    Entry::read(
        "test process",
        parse_test,
        Help {
            usage: "test process tcp/rest/blockchain sync/scheduler/operator/…",
            text: "Tells true when the service runs, else false.",
            examples: &["test process tcp", "is_sync = test process blockchain sync"],
            index: &["background processes", "monitor"],
        },
    ),
];
