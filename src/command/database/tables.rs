//! `create table`, `info table`, `get databases`, `get tables` (reference/command-language 12.1, reference/rest 10).

use crate::{
    command::engine::{
        Command, Entry, Exchange, Help, Line, Parsed, Traits,
        options::{Format, format, only_format, options, options_after, resolved},
        parsed,
    },
    ledger::{Connection, Target},
    node::{LEDGER_DBMS, Node, Origin, Session},
    reply::{Code, Error, Lines, Notice, Reply, Table, thousands},
    script::{Key, where_list},
};
use async_trait::async_trait;
use indexmap::IndexSet;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Commands about databases and their tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tables {
    /// `create table TABLE where dbms = DBMS`.
    Create {
        /// Logical name of the database.
        dbms: String,
        /// Name of the table.
        table: String,
    },
    /// `info table DBMS TABLE exists`.
    Exists {
        /// Logical name of the database.
        dbms: String,
        /// Name of the table.
        table: String,
        /// True when nobody takes the result: it is printed.
        printed: bool,
    },
    /// `info table DBMS TABLE columns`.
    Columns {
        /// Logical name of the database.
        dbms: String,
        /// Name of the table.
        table: String,
    },
    /// `get databases`.
    Databases(Format),
    /// `get database size DBMS`.
    Size(String),
    /// `test table TABLE where dbms = DBMS`.
    Test {
        /// Logical name of the database.
        dbms: String,
        /// Name of the table, or `*` for those that policies declare.
        table: String,
    },
    /// `get tables where dbms = DBMS`.
    List {
        /// Logical name of the database, or `*`.
        dbms: String,
        /// Form of the reply.
        format: Format,
    },
}

#[async_trait]
impl Command for Tables {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        match *self {
            Self::Create { dbms, table } => create(node, &dbms, &table).await,
            Self::Exists { dbms, table, printed } => {
                let connection = connected(node, &dbms)?;
                let tables = connection.tables().await.map_err(|error| unreachable(&error))?;
                let exists = tables.contains(&table).to_string();
                // A step of the boot takes the result itself.
                let read = session.origin.is_remote() || session.origin == Origin::Plan;
                Ok(if printed && !read { print(session, &exists) } else { Reply::Text(exists) })
            }
            Self::Columns { dbms, table } => {
                columns(node, &dbms, &table, matches!(session.origin, Origin::Peer { .. })).await
            }
            Self::Databases(format) => Ok(databases(node, format)),
            Self::Size(dbms) => size(node, &dbms).await,
            Self::Test { dbms, table } => test(node, &dbms, &table).await,
            Self::List { dbms, format } => list(node, &dbms, format).await,
        }
    }
}

/// Prints the result as the network's console does: one more prompt follows.
fn print(session: &Session, text: &str) -> Reply {
    session.output.notice(&Notice::Printed(Reply::Text(text.to_owned())));
    Reply::Empty
}

fn connected(node: &Node, dbms: &str) -> Result<Arc<Connection>, Error> {
    let missing = || Error::with(Code::DBMS_NOT_CONNECTED, format!("Logical DBMS '{dbms}' not connected"));
    node.databases.get(dbms).ok_or_else(missing)
}

fn unreachable(error: &crate::ledger::Error) -> Error {
    Error::with(Code::DBMS_NOT_CONNECTED, error.to_string())
}

async fn create(node: &Node, dbms: &str, table: &str) -> Result<Reply, Error> {
    let failed = |detail: String| Error::with(Code::PROCESS_FAILURE, detail);
    if table != "ledger" {
        return Err(failed(format!(
            "table '{table}': a master creates the table ledger alone; others belong to operators"
        )));
    }
    if dbms != LEDGER_DBMS || node.databases.get(dbms).is_none() {
        return Err(failed(format!(
            "dbms '{dbms}': the ledger is in '{LEDGER_DBMS}'; connect it with 'connect dbms {LEDGER_DBMS} where type = sqlite'"
        )));
    }
    node.ledger.create_table().await.map_err(|error| failed(error.to_string()))?;
    Ok(Reply::Empty)
}

/// Returns the columns of a table; other nodes read them as JSON.
async fn columns(node: &Node, dbms: &str, table: &str, for_peer: bool) -> Result<Reply, Error> {
    let columns = connected(node, dbms)?.columns(table).await.map_err(|error| unreachable(&error))?;
    if for_peer {
        let column = |(name, kind)| json!({"column_name": name, "data_type": kind});
        let list: Vec<_> = columns.into_iter().map(column).collect();
        return Ok(Reply::Text(json!({format!("Structure.{dbms}.{table}"): list}).to_string()));
    }
    if columns.is_empty() {
        return Err(Error::with(Code::NO_METADATA, format!("Table '{table}' in DBMS '{dbms}' not defined")));
    }
    Ok(Reply::Table(Table {
        titles: vec!["Column Name".to_owned(), "Column Type".to_owned()],
        rows: columns.into_iter().map(|(name, kind)| vec![json!(name), json!(kind)]).collect(),
        ..Table::default()
    }))
}

/// What `get databases` shows of one connection.
struct Shown {
    owner: String,
    address: String,
    configuration: &'static str,
    storage: String,
}

fn shown(connection: &Connection) -> Shown {
    let local = |storage: String| Shown {
        owner: "system".to_owned(),
        address: "Local".to_owned(),
        configuration: "Autocommit On, Fsync full (after each write)",
        storage,
    };
    match &connection.target {
        Target::File(path) => local(path.display().to_string()),
        Target::Memory => {
            Shown { configuration: "Autocommit On, RAM, Fsync full (after each write)", ..local("MEMORY".to_owned()) }
        }
        Target::Server(server) => Shown {
            owner: "system".to_owned(),
            address: format!("{}:{}", server.host, server.port),
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

/// Compares tables with their policies and says which is the first that differs.
async fn test(node: &Node, dbms: &str, table: &str) -> Result<Reply, Error> {
    let failed =
        |table: &str, reason: &str| Ok(Reply::Text(format!("Test table {dbms}.{table} schema failed: {reason}")));
    let view = node.ledger.view();
    let declared: Vec<String> = view
        .of_type("table")
        .filter_map(|entry| entry.policy().filter(|policy| policy.has("dbms", dbms))?.text("name").map(str::to_owned))
        .collect();
    let tested = if table == "*" { declared.clone() } else { vec![table.to_owned()] };
    for table in &tested {
        let Some(connection) = node.databases.get(dbms) else {
            return failed(table, "failed to retrieve partitions from dbms or dbms not connected");
        };
        if !declared.contains(table) {
            return failed(table, "Blockchain schema not available");
        }
        if connection.columns(table).await.map_err(|error| unreachable(&error))?.is_empty() {
            return failed(table, "dbms schema not available or dbms not connected");
        }
    }
    let none = format!("Test table failed: No tables for the specified database: '{dbms}'");
    Ok(Reply::Text(if tested.is_empty() { none } else { "Passed".to_owned() }))
}

fn databases(node: &Node, format: Format) -> Reply {
    let connections = node.databases.list();
    if connections.is_empty() {
        return Reply::Lines(Lines::behind(["No DBMS connections found"]));
    }
    if format == Format::Json {
        let all = connections.iter().map(|connection| {
            let shown = shown(connection);
            let kind = connection.engine().name();
            // Clients know the address as a column of 30 characters.
            let address = format!("{:<30.30}", shown.address);
            (connection.name.clone(), json!({"dbms_type": kind, "ip_port": address, "storage": shown.storage}))
        });
        return Reply::Value(Value::Object(all.collect()));
    }
    let titles = ["Logical DBMS", "Database Type", "Owner", "IP:Port", "Configuration", "Storage"];
    let row = |connection: &Arc<Connection>| {
        let shown = shown(connection);
        let kind = connection.engine().name();
        let (address, settings) = (shown.address, shown.configuration);
        vec![
            json!(connection.name),
            json!(kind),
            json!(shown.owner),
            json!(address),
            json!(settings),
            json!(shown.storage),
        ]
    };
    Reply::Table(Table {
        header: Some("Active DBMS Connections".to_owned()),
        titles: titles.map(str::to_owned).to_vec(),
        rows: connections.iter().map(row).collect(),
        ..Table::default()
    })
}

/// One table of `get tables`.
struct Found {
    dbms: String,
    table: String,
    local: bool,
    declared: bool,
}

async fn list(node: &Node, dbms: &str, format: Format) -> Result<Reply, Error> {
    let mut found = Vec::new();
    for connection in node.databases.list().iter().filter(|one| dbms == "*" || one.name == dbms) {
        let tables = connection.tables().await.map_err(|error| unreachable(&error))?;
        for table in tables.into_iter().filter(|table| is_listed(connection, table, dbms)) {
            found.push(Found { dbms: connection.name.clone(), table, local: true, declared: false });
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
            None => found.push(Found { dbms: of.to_owned(), table: name.to_owned(), local: false, declared: true }),
        }
    }
    sort(&mut found, node);
    Ok(if format == Format::Json { as_json(&found, dbms) } else { as_table(&found) })
}

/// Puts databases into the order of the ledger; of each first the tables that are here, then the others by name.
fn sort(found: &mut [Found], node: &Node) {
    let view = node.ledger.view();
    let policies = view.of_type("table").filter_map(|entry| entry.policy());
    let databases: IndexSet<&str> = policies.filter_map(|policy| policy.text("dbms")).collect();
    let place = |dbms: &str| databases.get_index_of(dbms).unwrap_or(databases.len());
    let name = |one: &Found| if one.local { String::new() } else { one.table.clone() };
    found.sort_by_cached_key(|one| (place(&one.dbms), one.dbms.clone(), !one.local, name(one)));
}

/// Tables that this program keeps for itself are not listed; the ledger only when its database is asked for by name.
fn is_listed(connection: &Connection, table: &str, asked: &str) -> bool {
    if connection.name != LEDGER_DBMS {
        return true;
    }
    table == "ledger" && asked == LEDGER_DBMS
}

fn as_json(found: &[Found], asked: &str) -> Reply {
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

fn as_table(found: &[Found]) -> Reply {
    let mark = |there: bool| json!(if there { " V" } else { " -" });
    let mut last = "";
    let mut rows = Vec::with_capacity(found.len());
    for one in found {
        let name = if one.dbms == last { "" } else { one.dbms.as_str() };
        rows.push(vec![json!(name), json!(one.table), mark(one.local), mark(one.declared)]);
        last = &one.dbms;
    }
    let titles = ["Database", "Table name", "Local DBMS", "Blockchain"];
    Reply::Table(Table { titles: titles.map(str::to_owned).to_vec(), rows, ..Table::default() })
}

fn parse_create(line: &Line<'_>) -> Parsed {
    let (table, list) = match line.arguments() {
        [table, by, list @ ..] if by.is("where") && !list.is_empty() => (table, list),
        _ => return Err(Error::with(Code::STRUCTURE, "write 'create table ledger where dbms = blockchain'")),
    };
    let arguments = where_list(list, line.scope, &[Key::text("dbms").required()])?;
    let dbms = arguments.text("dbms").unwrap_or_default().to_owned();
    parsed(Tables::Create { dbms, table: resolved(line, &table.text) })
}

fn parse_info(line: &Line<'_>) -> Parsed {
    let [dbms, table, what] = line.arguments() else {
        return Err(Error::with(Code::STRUCTURE, "write 'info table [dbms] [table] exists' or '… columns'"));
    };
    let (dbms, table) = (resolved(line, &dbms.text), resolved(line, &table.text));
    match what.text.as_str() {
        "exists" => parsed(Tables::Exists { dbms, table, printed: line.assigned.is_none() }),
        "columns" => parsed(Tables::Columns { dbms, table }),
        other => Err(Error::with(Code::STRUCTURE, format!("Type of info not recognized: {other}"))),
    }
}

fn parse_size(line: &Line<'_>) -> Parsed {
    let [dbms] = line.arguments() else {
        return Err(Error::with(Code::STRUCTURE, "write: get database size [dbms]"));
    };
    parsed(Tables::Size(resolved(line, &dbms.text)))
}

fn parse_test(line: &Line<'_>) -> Parsed {
    let [table, ..] = line.arguments() else {
        return Err(Error::with(Code::STRUCTURE, "write: test table [name/*] where dbms = [dbms]"));
    };
    let arguments = options_after(line, 1, &[Key::text("dbms").required()])?;
    let dbms = arguments.text("dbms").unwrap_or_default().to_owned();
    parsed(Tables::Test { dbms, table: resolved(line, &table.text) })
}

fn parse_databases(line: &Line<'_>) -> Parsed {
    parsed(Tables::Databases(only_format(line)?))
}

fn parse_list(line: &Line<'_>) -> Parsed {
    let arguments = options(line, &[Key::text("dbms").required(), Key::format("format")])?;
    let dbms = arguments.text("dbms").unwrap_or_default().to_owned();
    parsed(Tables::List { dbms, format: format(&arguments) })
}

const fn help(usage: &'static str, text: &'static str, examples: &'static [&'static str]) -> Help {
    Help { usage, text, examples, index: &["dbms"] }
}

/// Rows of the command table.
pub const ENTRIES: &[Entry] = &[
    Entry::change(
        "create table",
        parse_create,
        help(
            "create table ledger where dbms = blockchain",
            "Creates the table of the ledger with its indexes; nothing changes when it is there.",
            &["create table ledger where dbms = blockchain"],
        ),
    ),
    Entry::read(
        "info table",
        parse_info,
        help(
            "info table [dbms] [table] [exists/columns]",
            "Tells whether a table is there, or which columns it has.",
            &["info table blockchain ledger exists", "x = info table blockchain ledger exists"],
        ),
    )
    .with(Traits::CHANGE.over_tcp(Exchange::TableInfo)),
    Entry::read(
        "get databases",
        parse_databases,
        help(
            "get databases [where format = table/json]",
            "Lists the connected databases.",
            &["get databases", "get databases where format = json"],
        ),
    ),
    Entry::read(
        "get database size",
        parse_size,
        help(
            "get database size [dbms]",
            "Tells the bytes that a connected database occupies; -1 when it is not connected.",
            &["get database size blockchain"],
        ),
    ),
    Entry::read(
        "test table",
        parse_test,
        help(
            "test table [name/*] where dbms = [dbms]",
            "Tells whether a table is here and declared by a policy.",
            &["test table readings where dbms = my_dbms", "test table * where dbms = my_dbms"],
        ),
    ),
    Entry::read(
        "get tables",
        parse_list,
        help(
            "get tables where dbms = [name/*] [and format = table/json]",
            "Lists the tables of a database: here, and declared by policies.",
            &["get tables where dbms = blockchain", "get tables where dbms = * and format = json"],
        ),
    ),
];
