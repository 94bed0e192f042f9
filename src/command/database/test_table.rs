//! `test table`: whether tables are in a database and declared by policies.

use crate::{
    command::{
        database::connected::unreachable,
        engine::{
            Command, Entry, Help, Line, Parsed,
            options::{options_after, resolved},
            parsed,
        },
    },
    node::{Node, Session},
    reply::{Code, Error, Reply},
    script::Key,
};
use async_trait::async_trait;
use std::sync::Arc;

/// `test table TABLE where dbms = DBMS`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct TestTable {
    dbms: String,
    /// Name of the table, or `*` for those that policies declare.
    table: String,
}

/// The command of this file.
pub(super) const ENTRIES: &[Entry] = &[Entry::read(
    "test table",
    parse,
    Help {
        usage: "test table [name/*] where dbms = [dbms]",
        text: "Tells whether a table is here and declared by a policy.",
        examples: &["test table readings where dbms = my_dbms", "test table * where dbms = my_dbms"],
        index: &["dbms"],
    },
)];

fn parse(line: &Line<'_>) -> Parsed {
    let [table, ..] = line.arguments() else {
        return Err(Error::with(Code::STRUCTURE, "write: test table [name/*] where dbms = [dbms]"));
    };
    let arguments = options_after(line, 1, &[Key::text("dbms").required()])?;
    let dbms = arguments.text("dbms").unwrap_or_default().to_owned();
    parsed(TestTable { dbms, table: resolved(line, &table.text) })
}

#[async_trait]
impl Command for TestTable {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        test(node, &self.dbms, &self.table).await
    }
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
