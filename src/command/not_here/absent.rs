//! Questions about services that a master does not have: the known answer of a node without them
//! (reference/command-language 12.6).

use crate::{
    command::engine::{
        Command, Entry, EntryGroup, Help, Line, Parsed,
        options::{Format, format, nothing_more, options, options_after},
        parsed,
    },
    node::{Node, Session, node_name},
    reply::{Code, Error, Reply, Table},
    script::Key,
};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::sync::Arc;

/// A question whose answer is that nothing of the kind is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// A text.
    Text(&'static str),
    /// An empty table below an optional header, or an empty list.
    List(Option<&'static str>, &'static [&'static str], Format),
    /// `get operator`, `get publisher`: state of a service, named in capitals.
    Service(&'static str, Format),
    /// `get stats where service = …`.
    Statistics(Format),
    /// `get members status`.
    Members,
    /// `get config policies`.
    Configurations,
}

#[async_trait]
impl Command for Absent {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        Ok(match *self {
            Self::Text(text) => Reply::Text(text.to_owned()),
            Self::List(_, _, Format::Json) => Reply::Value(json!([])),
            Self::List(header, titles, Format::Table) => Reply::Table(table(header, titles, vec![])),
            Self::Service(name, format) => service(name, format),
            Self::Statistics(format) => statistics(node, format),
            Self::Members => {
                Reply::Table(Table { margin: 6, ..table(None, &["Address", "Status", "Recorded time"], vec![]) })
            }
            Self::Configurations => configurations(node),
        })
    }
}

fn table(header: Option<&str>, titles: &[&str], rows: Vec<Vec<Value>>) -> Table {
    let titles = titles.iter().map(|title| (*title).to_owned()).collect();
    Table { header: header.map(str::to_owned), titles, rows, ..Table::default() }
}

/// Shows one row as a table, or as an object with the titles in lower case as keys.
fn one_row(header: &str, titles: &[&str], row: Vec<Value>, format: Format) -> Reply {
    match format {
        Format::Table => Reply::Table(table(Some(header), titles, vec![row])),
        Format::Json => Reply::Value(Value::Object(titles.iter().map(|title| title.to_lowercase()).zip(row).collect())),
    }
}

fn service(name: &str, format: Format) -> Reply {
    let row = vec![json!("Not Active"), json!("00:00:00")];
    one_row(&format!("\nStats: {name} CONFIG"), &["Status", "Operational time"], row, format)
}

fn statistics(node: &Node, format: Format) -> Reply {
    let titles = [
        "Node name",
        "Status",
        "Operational time",
        "Processing time",
        "Elapsed time",
        "New rows",
        "Total rows",
        "New errors",
        "Total errors",
        "Avg. rows/sec",
    ];
    let mut row = vec![json!(node_name(node)), json!("Not Active")];
    row.extend(["00:00:00"; 3].map(|time| json!(time)));
    row.extend([json!(0), json!(0), json!(0), json!(0), json!(0.0)]);
    one_row("\nStats: OPERATOR SUMMARY", &titles, row, format)
}

/// Lists the attempts of `config from policy`.
fn configurations(node: &Node) -> Reply {
    let rows = node.settings.get().configurations.into_iter().map(|attempt| {
        let message = if attempt.code == 0 { "" } else { Code(attempt.code).text() };
        vec![json!(attempt.id), json!(attempt.name), json!(attempt.code), json!(message)]
    });
    Reply::Table(table(None, &["Policy ID", "Policy_name", "Error", "Message"], rows.collect()))
}

const STREAMING: &[&str] = &[
    "\nDBMS-Table",
    "Put\nfiles",
    "Put\nRows",
    " ",
    "Streaming\nCalls",
    "Streaming\nRows",
    "Cached\nRows",
    "Counter\nImmediate",
    "Threshold\nVolume(KB)",
    "Buffer\nFill(%)",
    "Threshold\nTime(sec)",
    "Time Left\n(Sec)",
    "Last Process\nHH:MM:SS",
];

const RULES: &[&str] = &[
    "Name",
    "IF\nSource IP",
    "IF\nPort",
    "IF\nHeader",
    "THEN\nDBMS",
    "THEN\nTable",
    "THEN\nSysLog",
    "THEN\nTopic",
    "THEN\nStructure",
    "Extend",
    "Batches",
    "Events",
    "Errors",
    "Error Msg",
];

const BROKER: &[&str] =
    &["Protocol", "IP", "Event", "Success", "Last message time", "Error", "Last error time", "Error Code", "Details"];

const PULLS: &[&str] = &[
    "Name",
    "Type",
    "Source",
    "Log Type",
    "Event Type",
    "Frequency",
    "Continuous",
    "Topic",
    "DBMS",
    "Table",
    "Status",
    "Pull Count",
    "Event Count",
    "Error",
    "Elapsed Time",
];

const SESSIONS: &[&str] = &["Session ID", "IP:Port", "Active", "Idle Time", "Max Idle Time", "Post Counter"];

fn parse_text(line: &Line<'_>, text: &'static str) -> Parsed {
    nothing_more(line).and_then(|()| parsed(Absent::Text(text)))
}

fn parse_list(line: &Line<'_>, header: Option<&'static str>, titles: &'static [&'static str]) -> Parsed {
    let arguments = options(line, &[Key::format("format")])?;
    parsed(Absent::List(header, titles, format(&arguments)))
}

/// Reads the state of a service; which figures are asked for does not matter where there are none.
fn parse_service(line: &Line<'_>, name: &'static str) -> Parsed {
    let words = line.arguments();
    let figures = words.iter().position(|word| word.is("where")).unwrap_or(words.len());
    let arguments = options_after(line, figures, &[Key::format("format")])?;
    parsed(Absent::Service(name, format(&arguments)))
}

fn parse_statistics(line: &Line<'_>) -> Parsed {
    let schema = [Key::text("service").required(), Key::text("topic").many(), Key::format("format")];
    let arguments = options(line, &schema)?;
    match arguments.text("service") {
        Some("operator" | "publisher") => parsed(Absent::Statistics(format(&arguments))),
        other => {
            let detail = format!("no figures of service '{}'; write operator or publisher", other.unwrap_or_default());
            Err(Error::with(Code::STRUCTURE, detail))
        }
    }
}

fn parse_subscriptions(line: &Line<'_>) -> Parsed {
    let schema =
        [Key::bool("detailed"), Key::text("broker"), Key::text("topic"), Key::bool("statistics"), Key::int("id")];
    options(line, &schema)?;
    parsed(Absent::Text("\r\nNo message client subscriptions"))
}

fn parse_monitored(line: &Line<'_>) -> Parsed {
    match line.arguments() {
        [] => parsed(Absent::Text("[]")),
        [topic, ..] if topic.text != "where" => {
            let detail = format!("topic '{}' is not monitored; this node monitors nothing", topic.text);
            Err(Error::with(Code::TOPIC, detail))
        }
        _ => options(line, &[Key::format("format")]).and_then(|_| parsed(Absent::Text("[]"))),
    }
}

fn parse_members(line: &Line<'_>) -> Parsed {
    nothing_more(line).and_then(|()| parsed(Absent::Members))
}

fn parse_configurations(line: &Line<'_>) -> Parsed {
    nothing_more(line).and_then(|()| parsed(Absent::Configurations))
}

const ROWS: EntryGroup = EntryGroup(&["monitor", "streaming"]);

/// Rows of the command table.
pub const ENTRIES: &[Entry] = &[
    Entry::read(
        "get config policies",
        parse_configurations,
        Help {
            usage: "get config policies",
            text: "Lists the policies that 'config from policy' was given, and how each attempt ended.",
            examples: &["get config policies"],
            index: &["configuration", "config"],
        },
    ),
    ROWS.read(
        "get operator",
        |line| parse_service(line, "OPERATOR"),
        "get operator [config/summary/inserts] [where format = table/json]",
        "Tells the state of the operator service, which a master does not have.",
        &["get operator", "get operator summary where format = json"],
    ),
    ROWS.read(
        "get publisher",
        |line| parse_service(line, "PUBLISHER"),
        "get publisher [config/summary/files] [where format = table/json]",
        "Tells the state of the publisher service, which a master does not have.",
        &["get publisher"],
    ),
    ROWS.read(
        "get stats",
        parse_statistics,
        "get stats where service = operator/publisher [and topic = summary and format = table/json]",
        "Tells the figures of a data service, all zero on a master.",
        &["get stats where service = operator", "get stats where service = operator and format = json"],
    ),
    ROWS.read(
        "get streaming",
        |line| parse_list(line, Some("\r\nStatistics"), STREAMING),
        "get streaming [where format = table/json]",
        "Lists streams of data; a master takes none.",
        &["get streaming", "get streaming where format = json"],
    ),
    ROWS.read(
        "get msg client",
        parse_subscriptions,
        "get msg client [where topic = T and id = N and broker = B]",
        "Lists subscriptions to message brokers; a master has none.",
        &["get msg client", "get msg client where topic = new-data"],
    ),
    ROWS.read(
        "get msg clients",
        parse_subscriptions,
        "get msg clients",
        "Lists subscriptions to message brokers; a master has none.",
        &["get msg clients"],
    ),
    ROWS.read(
        "get msg rules",
        |line| parse_list(line, None, RULES),
        "get msg rules",
        "Lists rules for incoming messages; a master has none.",
        &["get msg rules"],
    ),
    ROWS.read(
        "get local broker",
        |line| parse_list(line, Some("Message Broker Stat"), BROKER),
        "get local broker",
        "Lists messages of the local message broker; a master has no broker.",
        &["get local broker"],
    ),
    ROWS.read(
        "get scheduled pull",
        |line| parse_list(line, Some("\r\nStatistics"), PULLS),
        "get scheduled pull",
        "Lists sources that are asked for data on schedule; a master has none.",
        &["get scheduled pull"],
    ),
    ROWS.read(
        "get mcp status",
        |line| parse_list(line, None, SESSIONS),
        "get mcp status",
        "Lists sessions of assistants; a master has none.",
        &["get mcp status"],
    ),
    ROWS.read(
        "get blobs archiver",
        |line| parse_text(line, "\r\nArchiver not active"),
        "get blobs archiver",
        "Tells the state of the archive of files, which a master does not have.",
        &["get blobs archiver"],
    ),
    ROWS.read(
        "get cluster info",
        |line| parse_text(line, "Cluster data is not available"),
        "get cluster info",
        "Tells which cluster this node serves; a master serves none.",
        &["get cluster info"],
    ),
    ROWS.read(
        "get watch directories",
        |line| parse_text(line, "No watch directories"),
        "get watch directories",
        "Lists directories that are watched for data; a master watches none.",
        &["get watch directories"],
    ),
    ROWS.read(
        "get partitions",
        |line| parse_text(line, "No partitions declared"),
        "get partitions",
        "Lists partitions of data tables; a master has none.",
        &["get partitions"],
    ),
    ROWS.read(
        "get grpc clients",
        |line| parse_text(line, "No active gRPC clients"),
        "get grpc clients",
        "Lists gRPC clients; a master has none.",
        &["get grpc clients"],
    ),
    ROWS.read(
        "get platforms",
        |line| parse_text(line, "No connections to blockchain platforms"),
        "get platforms",
        "Lists connected blockchains.",
        &["get platforms"],
    ),
    ROWS.read(
        "get relay",
        |line| parse_text(line, "Relay node not declared"),
        "get relay",
        "Tells which chain this node relays to.",
        &["get relay"],
    ),
    ROWS.read(
        "get monitored",
        parse_monitored,
        "get monitored [TOPIC]",
        "Lists monitored topics, or what is known of one; a master monitors nothing.",
        &["get monitored"],
    ),
    ROWS.read(
        "get members status",
        parse_members,
        "get members status",
        "Lists data nodes whose state this node watches; a master watches none.",
        &["get members status"],
    ),
    ROWS.read(
        "get json file struct",
        |line| {
            parse_text(
                line,
                "[dbms name].[table name].[data source].[hash value].[mapping policy].[TSD member ID].[TSD row ID].[TSD date].json",
            )
        },
        "get json file struct",
        "Tells the parts of the name of a data file.",
        &["get json file struct"],
    ),
    ROWS.read(
        "get user threads",
        |line| parse_text(line, "Thread ID       Script\r\n--------------- -----------------------\r\n"),
        "get user threads",
        "Lists scripts that run in the debugger; there is none here.",
        &["get user threads"],
    ),
];
