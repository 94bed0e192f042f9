//! Tables of the network and the nodes that hold them, from the policies (reference/rest 10).

use crate::{
    command::engine::{
        Command, Entry, EntryGroup, Line, Parsed,
        options::{Format, format, options, options_after},
        parsed,
    },
    ledger::{Place, View},
    node::{Node, Session},
    policy::{Known, Policy},
    reply::{Code, Error, Reply, Table},
    script::{Arguments, Key},
};
use async_trait::async_trait;
use indexmap::IndexMap;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Which tables are meant; nothing means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    company: Option<String>,
    /// The logical database.
    pub(super) dbms: Option<String>,
    /// The table.
    pub(super) table: Option<String>,
}

/// Commands about the network's data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetworkData {
    /// `get data nodes`.
    Nodes(Filter, Format, Vec<usize>),
    /// `get virtual tables [info]`.
    Tables(Filter, bool),
    /// `get network databases`.
    Databases(Option<String>),
    /// `get rows count`.
    Rows(Filter, Format),
}

/// One table with the clusters and operators that hold it.
#[derive(Debug, Default)]
pub(super) struct Held<'a> {
    company: String,
    dbms: String,
    table: String,
    status: String,
    clusters: Vec<String>,
    /// Node names with their policies.
    pub(super) operators: Vec<(String, &'a Policy)>,
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

#[async_trait]
impl Command for NetworkData {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        let view = node.ledger.view();
        Ok(match *self {
            Self::Nodes(filter, format, sort) => nodes(&view, &filter, format, &sort),
            Self::Tables(filter, info) => tables(&view, &filter, info),
            Self::Databases(company) => databases(&view, company.as_deref()),
            Self::Rows(filter, format) => rows(&view, node.ledger.is_attached(), &filter, format),
        })
    }
}

impl Filter {
    /// Reads the keys; `*` means all.
    pub(super) fn of(arguments: &Arguments) -> Self {
        let text = |key: &str| arguments.text(key).filter(|text| *text != "*").map(str::to_owned);
        Self { company: text("company"), dbms: text("dbms"), table: text("table") }
    }

    /// Tells whether one table of one company is asked for.
    pub(super) const fn is_one_table(&self) -> bool {
        self.company.is_some() && self.dbms.is_some() && self.table.is_some()
    }

    fn takes(&self, held: &Held<'_>) -> bool {
        let fits = |wanted: &Option<String>, text: &str| wanted.as_deref().is_none_or(|wanted| wanted == text);
        fits(&self.company, &held.company) && fits(&self.dbms, &held.dbms) && fits(&self.table, &held.table)
    }
}

/// Returns an attribute as text; empty when it is not there.
pub(super) fn text(policy: &Policy, key: &str) -> String {
    match policy.get(key) {
        Some(Value::String(text)) => text.clone(),
        None | Some(Value::Null) => String::new(),
        Some(other) => other.to_string(),
    }
}

/// Returns the tables that clusters hold, by company and database in the order of the ledger.
pub(super) fn held<'a>(view: &'a View, filter: &Filter) -> Vec<Held<'a>> {
    let mut found: IndexMap<(String, String), IndexMap<String, Held<'a>>> = IndexMap::new();
    for cluster in view.of_type("cluster").filter_map(|entry| entry.policy()) {
        let company = text(cluster, "company");
        let id = cluster.text("parent").map_or_else(|| cluster.id().unwrap_or_default(), str::to_owned);
        for table in cluster.get("table").and_then(Value::as_array).into_iter().flatten() {
            let part = |key: &str| table.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            let tables = found.entry((company.clone(), part("dbms"))).or_default();
            let held = tables.entry(part("name")).or_insert_with(|| Held {
                company: company.clone(),
                dbms: part("dbms"),
                table: part("name"),
                status: table.get("status").and_then(Value::as_str).unwrap_or("active").to_owned(),
                ..Held::default()
            });
            if !held.clusters.contains(&id) {
                held.clusters.push(id.clone());
            }
        }
    }
    let all = found.into_values().flat_map(IndexMap::into_values).filter(|held| filter.takes(held));
    all.map(|held| with_operators(view, held)).collect()
}

/// Adds the operators of the table's clusters.
fn with_operators<'a>(view: &'a View, mut held: Held<'a>) -> Held<'a> {
    for cluster in &held.clusters {
        held.operators.extend(Known::serving(view, cluster).map(|operator| (cluster.clone(), operator)));
    }
    held
}

impl Held<'_> {
    /// Returns one row per operator.
    fn rows(&self) -> impl Iterator<Item = Vec<Value>> + '_ {
        self.operators.iter().map(|(cluster, operator)| self.row(cluster, operator))
    }

    fn row(&self, cluster: &str, operator: &Policy) -> Vec<Value> {
        let port = text(operator, "port");
        let local_ip = text(operator, "local_ip");
        let local_port = match operator.get("local_port") {
            Some(_) => text(operator, "local_port"),
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
            json!(text(operator, "name")),
            operator.get("member").cloned().unwrap_or_else(|| json!("")),
            json!(address(&text(operator, "ip"), &port)),
            json!(address(&local_ip, &local_port)),
            json!(if main { " +" } else { " -" }),
            json!("active"),
        ]
    }
}

/// Writes `ip:port`.
pub(super) fn address(ip: &str, port: &str) -> String {
    if ip.is_empty() && port.is_empty() { String::new() } else { format!("{ip}:{port}") }
}

/// Answers `get data nodes`: in the table, further operators of a table repeat neither its names nor its cluster.
fn nodes(view: &View, filter: &Filter, format: Format, sort: &[usize]) -> Reply {
    let held = held(view, filter);
    if format == Format::Json {
        let object = |row: Vec<Value>| {
            let titles = TITLES.iter().map(|title| (*title).to_owned());
            Value::Object(titles.zip(row).collect::<Map<_, _>>())
        };
        return Reply::Value(held.iter().flat_map(Held::rows).map(object).collect());
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
    table(&TITLES, rows)
}

fn table(titles: &[&str], rows: Vec<Vec<Value>>) -> Reply {
    Reply::Table(Table { titles: titles.iter().map(|title| (*title).to_owned()).collect(), rows, ..Table::default() })
}

/// Answers `get virtual tables`: the tables that an operator holds.
fn tables(view: &View, filter: &Filter, info: bool) -> Reply {
    let row = |held: &Held<'_>| {
        let (cluster, _) = held.operators.first()?;
        let mut row = vec![json!(held.company), json!(held.dbms), json!(held.table)];
        if info {
            row.extend([json!(cluster), json!(held.operators.len()), json!(true)]);
        }
        Some(row)
    };
    let rows = held(view, filter).iter().filter_map(row).collect();
    let titles = ["Company", "DBMS", "Table", "Cluster ID", "Copies", "Permissions"];
    table(titles.get(..if info { 6 } else { 3 }).unwrap_or_default(), rows)
}

/// Answers `get network databases`: the databases of the table policies.
fn databases(view: &View, company: Option<&str>) -> Reply {
    let mut found: IndexMap<(String, String), ()> = IndexMap::new();
    let policies = view.of_type("table").filter_map(|entry| entry.policy());
    for policy in policies.filter(|policy| company.is_none_or(|name| policy.has("company", name))) {
        let dbms = text(policy, "dbms");
        let split = dbms.split_once('.').filter(|(company, name)| !company.is_empty() && !name.is_empty());
        let (owner, name) = split.map_or(("N/A", dbms.as_str()), |parts| parts);
        found.insert((owner.to_owned(), name.to_owned()), ());
    }
    if found.is_empty() {
        return Reply::Text("No Table policies".to_owned());
    }
    let rows = found.into_keys().map(|(company, dbms)| vec![json!(company), json!(dbms)]).collect();
    table(&["Company", "DBMS"], rows)
}

/// Answers `get rows count`: the ledger is the only table that a master keeps.
fn rows(view: &View, attached: bool, filter: &Filter, format: Format) -> Reply {
    let fits = |wanted: &Option<String>, name: &str| wanted.as_deref().is_none_or(|wanted| wanted == name);
    let shown = attached && fits(&filter.dbms, "blockchain") && fits(&filter.table, "ledger");
    let count = || view.iter().filter(|entry| entry.place == Place::Table).count();
    if format == Format::Json {
        return Reply::Value(if shown { json!({"blockchain.ledger": count()}) } else { json!({}) });
    }
    let rows = if shown { vec![vec![json!("blockchain"), json!("ledger"), json!(count())]] } else { Vec::new() };
    table(&["DBMS Name", "Table Name", "Rows Count"], rows)
}

/// The keys that say which tables are meant.
pub(super) const FILTER: [Key; 3] = [Key::text("company"), Key::text("dbms"), Key::text("table")];

fn parse_nodes(line: &Line<'_>) -> Parsed {
    let [company, dbms, table] = FILTER;
    let arguments = options(line, &[company, dbms, table, Key::text("sort"), Key::text("format")])?;
    let sort = arguments.text("sort").map(sort_columns).transpose()?.unwrap_or_default();
    parsed(NetworkData::Nodes(Filter::of(&arguments), format(&arguments), sort))
}

/// Reads `(0, 3)`.
fn sort_columns(text: &str) -> Result<Vec<usize>, Error> {
    let wrong =
        || Error::with(Code::STRUCTURE, format!("sort = {text}: write column numbers from 0, for example (0,3)"));
    let inner = text.trim().strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).ok_or_else(wrong)?;
    inner.split(',').map(|part| part.trim().parse().ok().filter(|at| *at < TITLES.len()).ok_or_else(wrong)).collect()
}

fn parse_tables(line: &Line<'_>) -> Parsed {
    let info = line.arguments().first().is_some_and(|word| word.is("info"));
    let arguments = options_after(line, usize::from(info), &FILTER)?;
    parsed(NetworkData::Tables(Filter::of(&arguments), info))
}

fn parse_databases(line: &Line<'_>) -> Parsed {
    let arguments = options(line, &[Key::text("company")])?;
    parsed(NetworkData::Databases(Filter::of(&arguments).company))
}

fn parse_rows(line: &Line<'_>) -> Parsed {
    let [_, dbms, table] = FILTER;
    let arguments = options(line, &[dbms, table, Key::text("group"), Key::format("format")])?;
    parsed(NetworkData::Rows(Filter::of(&arguments), format(&arguments)))
}

const ROWS: EntryGroup = EntryGroup(&["metadata", "data"]);

/// Rows of the command table.
pub const ENTRIES: &[Entry] = &[
    ROWS.read(
        "get data nodes",
        parse_nodes,
        "get data nodes [where company = X and dbms = X and table = X and sort = (N, …) and format = table/json]",
        "Lists each table of the network with the operators that hold it.",
        &["get data nodes", "get data nodes where format = json and dbms = my_dbms"],
    ),
    ROWS.read(
        "get virtual tables",
        parse_tables,
        "get virtual tables [info] [where company = X and dbms = X and table = X]",
        "Lists the tables that operators of the network hold; with info also their cluster and number of copies.",
        &["get virtual tables", "get virtual tables info where dbms = my_dbms"],
    ),
    ROWS.read(
        "get network databases",
        parse_databases,
        "get network databases [where company = X]",
        "Lists the databases that table policies name.",
        &["get network databases"],
    ),
    ROWS.read(
        "get rows count",
        parse_rows,
        "get rows count [where dbms = X and table = X and group = table and format = table/json]",
        "Counts the rows of the tables that this node keeps.",
        &["get rows count", "get rows count where group = table"],
    ),
];

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
