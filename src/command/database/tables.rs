//! `get tables`: the tables of databases, here and as policies declare them (reference/rest 10).

use crate::{
    command::{
        database::connected::unreachable,
        engine::{
            Command, Entry, Help, Line, Parsed,
            options::{OutputFormat, format, options},
            parsed,
        },
    },
    ledger::ConnectedDatabase,
    node::{LEDGER_DBMS, Node, Session},
    reply::{Error, Reply, Table},
    script::Key,
};
use async_trait::async_trait;
use indexmap::IndexSet;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// `get tables where dbms = DBMS`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ListTables {
    /// Logical name of the database, or `*`.
    dbms: String,
    format: OutputFormat,
}

/// The command of this file.
pub(super) const ENTRIES: &[Entry] = &[Entry::read(
    "get tables",
    parse,
    Help {
        usage: "get tables where dbms = [name/*] [and format = table/json]",
        text: "Lists the tables of a database: here, and declared by policies.",
        examples: &["get tables where dbms = blockchain", "get tables where dbms = * and format = json"],
        index: &["dbms"],
    },
)];

fn parse(line: &Line<'_>) -> Parsed {
    let arguments = options(line, &[Key::text("dbms").required(), Key::format("format")])?;
    let dbms = arguments.text("dbms").unwrap_or_default().to_owned();
    parsed(ListTables { dbms, format: format(&arguments) })
}

#[async_trait]
impl Command for ListTables {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        list(node, &self.dbms, self.format).await
    }
}

/// One table of `get tables`.
struct ListedTable {
    dbms: String,
    table: String,
    local: bool,
    declared: bool,
}

async fn list(node: &Node, dbms: &str, format: OutputFormat) -> Result<Reply, Error> {
    let mut found = Vec::new();
    for connection in node.databases.list().iter().filter(|one| dbms == "*" || one.name == dbms) {
        let tables = connection.tables().await.map_err(|error| unreachable(&error))?;
        for table in tables.into_iter().filter(|table| is_listed(connection, table, dbms)) {
            found.push(ListedTable { dbms: connection.name.clone(), table, local: true, declared: false });
        }
    }
    for entry in node.ledger.view().of_type("table") {
        let Some(policy) = entry.policy() else { continue };
        let (Some(name), Some(of)) = (policy.text("name"), policy.text("dbms")) else { continue };
        if dbms != "*" && of != dbms {
            continue;
        }
        match found.iter_mut().find(|one| one.dbms == of && one.table == name) {
            Some(one) => one.declared = true,
            None => {
                found.push(ListedTable { dbms: of.to_owned(), table: name.to_owned(), local: false, declared: true })
            }
        }
    }
    sort(&mut found, node);
    Ok(if format == OutputFormat::Json { as_json(&found, dbms) } else { as_table(&found) })
}

/// Puts databases into the order of the ledger; of each first the tables that are here, then the others by name.
fn sort(found: &mut [ListedTable], node: &Node) {
    let view = node.ledger.view();
    let policies = view.of_type("table").filter_map(|entry| entry.policy());
    let databases: IndexSet<String> = policies.filter_map(|policy| policy.text("dbms").map(str::to_owned)).collect();
    let place = |dbms: &str| databases.get_index_of(dbms).unwrap_or(databases.len());
    let name = |one: &ListedTable| if one.local { String::new() } else { one.table.clone() };
    found.sort_by_cached_key(|one| (place(&one.dbms), one.dbms.clone(), !one.local, name(one)));
}

/// Tables that this program keeps for itself are not listed; the ledger only when its database is asked for by name.
fn is_listed(connection: &ConnectedDatabase, table: &str, asked: &str) -> bool {
    if connection.name != LEDGER_DBMS {
        return true;
    }
    table == "ledger" && asked == LEDGER_DBMS
}

fn as_json(found: &[ListedTable], asked: &str) -> Reply {
    let mut all = Map::new();
    if asked != "*" {
        all.insert(asked.to_owned(), json!({}));
    }
    for one in found {
        let tables = all.entry(one.dbms.clone()).or_insert_with(|| json!({}));
        if let Value::Object(tables) = tables {
            // Known in this order: where a table was found first stands first.
            let state = if one.local {
                json!({"local": true, "blockchain": one.declared})
            } else {
                json!({"blockchain": true, "local": false})
            };
            tables.insert(one.table.clone(), state);
        }
    }
    Reply::Value(Value::Object(all))
}

fn as_table(found: &[ListedTable]) -> Reply {
    let mark = |there: bool| json!(if there { " V" } else { " -" });
    let mut last = "";
    let mut rows = Vec::with_capacity(found.len());
    for one in found {
        let name = if one.dbms == last { "" } else { one.dbms.as_str() };
        rows.push(vec![json!(name), json!(one.table), mark(one.local), mark(one.declared)]);
        last = &one.dbms;
    }
    Reply::Table(Table::new(["Database", "Table name", "Local DBMS", "Blockchain"], rows))
}
