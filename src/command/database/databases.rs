//! `get databases`, `get database size`: the connected databases (reference/rest 10).

use crate::{
    command::{
        database::connected::unreachable,
        engine::{
            Access, Command, Entry, Help, Line, Parsed,
            options::{OutputFormat, only_format, resolved},
            parsed,
        },
    },
    ledger::{ConnectedDatabase, DatabaseTarget},
    node::{Node, Session},
    reply::{Code, Error, Lines, Reply, Table, thousands},
};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::sync::Arc;

/// A question about the connected databases.
#[derive(Clone, Debug, PartialEq, Eq)]
enum ConnectedDatabases {
    /// `get databases`.
    List(OutputFormat),
    /// `get database size DBMS`.
    Size(String),
}

/// The commands of this file.
pub(super) const ENTRIES: &[Entry] = &[
    Entry::read(
        "get databases",
        parse_list,
        Help {
            usage: "get databases [where format = table/json]",
            text: "Lists the connected databases.",
            examples: &["get databases", "get databases where format = json"],
            index: &["dbms"],
        },
    )
    .reaching(Access::ReadInside),
    Entry::read(
        "get database size",
        parse_size,
        Help {
            usage: "get database size [dbms]",
            text: "Tells the bytes that a connected database occupies; -1 when it is not connected.",
            examples: &["get database size blockchain"],
            index: &["dbms"],
        },
    ),
];

fn parse_list(line: &Line<'_>) -> Parsed {
    parsed(ConnectedDatabases::List(only_format(line)?))
}

fn parse_size(line: &Line<'_>) -> Parsed {
    let [dbms] = line.arguments() else {
        return Err(Error::with(Code::STRUCTURE, "write: get database size [dbms]"));
    };
    parsed(ConnectedDatabases::Size(resolved(line, &dbms.text)))
}

#[async_trait]
impl Command for ConnectedDatabases {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        match *self {
            Self::List(format) => Ok(list(node, format)),
            Self::Size(dbms) => size(node, &dbms).await,
        }
    }
}

fn list(node: &Node, format: OutputFormat) -> Reply {
    let connections = node.databases.list();
    if connections.is_empty() {
        return Reply::Lines(Lines::behind(["No DBMS connections found"]));
    }
    if format == OutputFormat::Json {
        let all = connections.iter().map(|connection| {
            let shown = shown(connection);
            let kind = connection.engine().name();
            // Clients know the address as a column of 30 characters.
            let address = format!("{:<30.30}", shown.address);
            (connection.name.clone(), json!({"dbms_type": kind, "ip_port": address, "storage": shown.storage}))
        });
        return Reply::Value(Value::Object(all.collect()));
    }
    let row = |connection: &Arc<ConnectedDatabase>| {
        let shown = shown(connection);
        vec![
            json!(connection.name),
            json!(connection.engine().name()),
            json!(shown.owner),
            json!(shown.address),
            json!(shown.configuration),
            json!(shown.storage),
        ]
    };
    let titles = ["Logical DBMS", "Database Type", "Owner", "IP:Port", "Configuration", "Storage"];
    Reply::Table(Table::new(titles, connections.iter().map(row).collect()).with_header("Active DBMS Connections"))
}

/// What `get databases` shows of one connection.
struct Shown {
    owner: String,
    address: String,
    configuration: &'static str,
    storage: String,
}

fn shown(connection: &ConnectedDatabase) -> Shown {
    let local = |storage: String| Shown {
        owner: "system".to_owned(),
        address: "Local".to_owned(),
        configuration: "Autocommit On, Fsync full (after each write)",
        storage,
    };
    match &connection.target {
        DatabaseTarget::File(path) => local(path.display().to_string()),
        DatabaseTarget::Memory => {
            Shown { configuration: "Autocommit On, RAM, Fsync full (after each write)", ..local("MEMORY".to_owned()) }
        }
        DatabaseTarget::Server(server) => Shown {
            owner: "system".to_owned(),
            address: server.address(),
            configuration: "Autocommit On, Fsync on",
            storage: "Persistent".to_owned(),
        },
    }
}

/// Tells the bytes of a database; -1 for one that is not connected, as clients know it.
async fn size(node: &Node, dbms: &str) -> Result<Reply, Error> {
    let Some(connection) = node.databases.get(dbms) else { return Ok(Reply::Text("-1".to_owned())) };
    let bytes = connection.size().await.map_err(|error| unreachable(&error))?;
    Ok(Reply::Text(thousands(bytes)))
}
