//! `get data nodes`: each table with the operators that hold it.

use crate::{
    command::{
        engine::{
            Command, Entry, Line, Parsed,
            options::{OutputFormat, format, options},
            parsed,
        },
        network::data::{
            held_tables::{FILTER, HeldTable, TableFilter, address, held_tables, text_of},
            question::question,
        },
    },
    ledger::View,
    node::{Node, Session},
    policy::Policy,
    query::{Budget, Exhausted},
    reply::{Code, Error, Reply, Table},
    script::Key,
};
use async_trait::async_trait;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Which tables are meant, how they are shown, and the columns to sort by.
#[derive(Clone, Debug, PartialEq, Eq)]
struct DataNodes {
    filter: TableFilter,
    format: OutputFormat,
    sort: Vec<usize>,
}

const TITLES: [&str; 11] = [
    "Company",
    "DBMS",
    "Table",
    "Cluster ID",
    "Cluster Status",
    "Node Name",
    "Member ID",
    "External IP/Port",
    "Local IP/Port",
    "Main",
    "Node Status",
];

/// Bytes that a cell takes at least, with its place in the text of the table.
const CELL: usize = 160;

#[async_trait]
impl Command for DataNodes {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        let view = node.ledger.view();
        node.queries
            .answer(session, move |budget| Ok(reply(&view, &self.filter, self.format, &self.sort, budget)?))
            .await
    }
}

impl HeldTable<'_> {
    /// Returns one row per operator.
    fn rows(&self) -> impl Iterator<Item = Vec<Value>> + '_ {
        self.operators.iter().map(|(cluster, operator)| self.row(cluster, operator))
    }

    fn row(&self, cluster: &str, operator: &Policy) -> Vec<Value> {
        let port = text_of(operator, "port");
        let local_ip = text_of(operator, "local_ip");
        let local_port = match operator.get("local_port") {
            Some(_) => text_of(operator, "local_port"),
            None if local_ip.is_empty() => String::new(),
            None => port.clone(),
        };
        let main = operator.get("main").and_then(Value::as_bool) == Some(true);
        vec![
            json!(self.company),
            json!(self.dbms),
            json!(self.table),
            json!(cluster),
            json!(self.status),
            json!(text_of(operator, "name")),
            operator.get("member").cloned().unwrap_or_else(|| json!("")),
            json!(address(&text_of(operator, "ip"), &port)),
            json!(address(&local_ip, &local_port)),
            json!(if main { " +" } else { " -" }),
            json!("active"),
        ]
    }
}

/// Answers `get data nodes`: in the table, further operators of a table repeat neither its names nor its cluster.
fn reply(
    view: &View,
    filter: &TableFilter,
    format: OutputFormat,
    sort: &[usize],
    budget: &Budget<'_>,
) -> Result<Reply, Exhausted> {
    let held = held_tables(view, filter, budget)?;
    for held in &held {
        for (_, operator) in &held.operators {
            budget.keep_map(operator.body())?;
            budget.keep(TITLES.len() * CELL)?;
        }
    }
    if format == OutputFormat::Json {
        let object = |row: Vec<Value>| {
            let titles = TITLES.iter().map(|title| (*title).to_owned());
            Value::Object(titles.zip(row).collect::<Map<_, _>>())
        };
        return Ok(Reply::Value(held.iter().flat_map(HeldTable::rows).map(object).collect()));
    }
    let mut rows: Vec<Vec<Value>> = Vec::new();
    for (number, mut row) in held.iter().flat_map(|held| held.rows().enumerate()) {
        if number > 0 && sort.is_empty() {
            row.iter_mut().take(4).for_each(|cell| *cell = json!(""));
        }
        rows.push(row);
    }
    if !sort.is_empty() {
        rows.sort_by_key(|row| sort.iter().map(|at| row.get(*at).map(Value::to_string)).collect::<Vec<_>>());
    }
    Ok(Reply::Table(Table::new(TITLES, rows)))
}

fn parse(line: &Line<'_>) -> Parsed {
    let [company, dbms, table] = FILTER;
    let arguments = options(line, &[company, dbms, table, Key::text("sort"), Key::text("format")])?;
    let sort = arguments.text("sort").map(sort_columns).transpose()?.unwrap_or_default();
    parsed(DataNodes { filter: TableFilter::from_arguments(&arguments), format: format(&arguments), sort })
}

/// Reads `(0, 3)`.
fn sort_columns(text: &str) -> Result<Vec<usize>, Error> {
    let wrong =
        || Error::with(Code::STRUCTURE, format!("sort = {text}: write column numbers from 0, for example (0,3)"));
    let inner = text.trim().strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).ok_or_else(wrong)?;
    inner.split(',').map(|part| part.trim().parse().ok().filter(|at| *at < TITLES.len()).ok_or_else(wrong)).collect()
}

/// The command of this file.
pub(super) const ENTRY: Entry = question(
    "get data nodes",
    parse,
    "get data nodes [where company = X and dbms = X and table = X and sort = (N, …) and format = table/json]",
    "Lists each table of the network with the operators that hold it.",
    &["get data nodes", "get data nodes where format = json and dbms = my_dbms"],
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_columns_to_sort_by() {
        assert_eq!(sort_columns("(0, 3)").unwrap(), [0, 3]);
        assert!(sort_columns("(99)").is_err());
        assert!(sort_columns("0").is_err());
    }
}
