//! `get virtual tables`: the tables that operators hold.

use crate::{
    command::{
        engine::{Command, Entry, Line, Parsed, options::options_after, parsed},
        network::data::{
            held_tables::{FILTER, HeldTable, TableFilter, held_tables},
            question::question,
        },
    },
    ledger::View,
    node::{Node, Session},
    query::{Budget, Exhausted},
    reply::{Error, Reply, Table},
};
use async_trait::async_trait;
use serde_json::json;
use std::sync::Arc;

/// Which tables are meant, and whether their clusters are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
struct VirtualTables {
    filter: TableFilter,
    info: bool,
}

#[async_trait]
impl Command for VirtualTables {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        let view = node.ledger.view();
        node.queries.answer(session, move |budget| Ok(reply(&view, &self.filter, self.info, budget)?)).await
    }
}

/// Answers `get virtual tables`: the tables that an operator holds.
fn reply(view: &View, filter: &TableFilter, info: bool, budget: &Budget<'_>) -> Result<Reply, Exhausted> {
    let row = |held: &HeldTable<'_>| {
        let (cluster, _) = held.operators.first()?;
        let mut row = vec![json!(held.company), json!(held.dbms), json!(held.table)];
        if info {
            row.extend([json!(cluster), json!(held.operators.len()), json!(true)]);
        }
        Some(row)
    };
    let rows = held_tables(view, filter, budget)?.iter().filter_map(row).collect();
    let titles = ["Company", "DBMS", "Table", "Cluster ID", "Copies", "Permissions"].map(str::to_owned);
    let shown = if info { titles.len() } else { 3 };
    Ok(Reply::Table(Table { titles: titles.into_iter().take(shown).collect(), rows, ..Table::default() }))
}

fn parse(line: &Line<'_>) -> Parsed {
    let info = line.arguments().first().is_some_and(|word| word.is("info"));
    let arguments = options_after(line, usize::from(info), &FILTER)?;
    parsed(VirtualTables { filter: TableFilter::from_arguments(&arguments), info })
}

/// The command of this file.
pub(super) const ENTRY: Entry = question(
    "get virtual tables",
    parse,
    "get virtual tables [info] [where company = X and dbms = X and table = X]",
    "Lists the tables that operators of the network hold; with info also their cluster and number of copies.",
    &["get virtual tables", "get virtual tables info where dbms = my_dbms"],
);
