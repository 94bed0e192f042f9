//! `get rows count`: the rows of the tables that this node keeps.

use crate::{
    command::{
        engine::{
            Command, Entry, Line, Parsed,
            options::{OutputFormat, format, options},
            parsed,
        },
        network::data::{
            held_tables::{FILTER, TableFilter},
            question::question,
        },
    },
    ledger::{Location, View},
    node::{Node, Session},
    reply::{Error, Reply, Table},
    script::Key,
};
use async_trait::async_trait;
use serde_json::json;
use std::sync::Arc;

/// Which tables are meant, and how they are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
struct RowsCount {
    filter: TableFilter,
    format: OutputFormat,
}

#[async_trait]
impl Command for RowsCount {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        Ok(reply(&node.ledger.view(), node.ledger.is_attached(), &self.filter, self.format))
    }
}

/// Answers `get rows count`: the ledger is the only table that a master keeps.
fn reply(view: &View, attached: bool, filter: &TableFilter, format: OutputFormat) -> Reply {
    let fits = |wanted: &Option<String>, name: &str| wanted.as_deref().is_none_or(|wanted| wanted == name);
    let shown = attached && fits(&filter.dbms, "blockchain") && fits(&filter.table, "ledger");
    let count = || view.iter().filter(|entry| entry.location == Location::Table).count();
    if format == OutputFormat::Json {
        return Reply::Value(if shown { json!({"blockchain.ledger": count()}) } else { json!({}) });
    }
    let rows = if shown { vec![vec![json!("blockchain"), json!("ledger"), json!(count())]] } else { Vec::new() };
    Reply::Table(Table::new(["DBMS Name", "Table Name", "Rows Count"], rows))
}

fn parse(line: &Line<'_>) -> Parsed {
    let [_, dbms, table] = FILTER;
    let arguments = options(line, &[dbms, table, Key::text("group"), Key::format("format")])?;
    parsed(RowsCount { filter: TableFilter::from_arguments(&arguments), format: format(&arguments) })
}

/// The command of this file.
pub(super) const ENTRY: Entry = question(
    "get rows count",
    parse,
    "get rows count [where dbms = X and table = X and group = table and format = table/json]",
    "Counts the rows of the tables that this node keeps.",
    &["get rows count", "get rows count where group = table"],
);
