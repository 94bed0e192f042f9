//! The tables that clusters of the network hold, with their operators.

use crate::{
    ledger::View,
    policy::{Known, Policy, PolicyRef},
    query::{Budget, Exhausted},
    script::{Arguments, Key},
};
use anylog_values::host_and_port;
use indexmap::{IndexMap, IndexSet};
use serde_json::Value;
use std::collections::HashMap;

/// The keys that say which tables are meant.
pub(super) const FILTER: [Key; 3] = [Key::text("company"), Key::text("dbms"), Key::text("table")];

/// Which tables are meant; nothing means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TableFilter {
    /// The company.
    pub(super) company: Option<String>,
    /// The logical database.
    pub(super) dbms: Option<String>,
    /// The table.
    pub(super) table: Option<String>,
}

/// One table with the clusters and operators that hold it.
#[derive(Debug, Default)]
pub(super) struct HeldTable<'a> {
    pub(super) company: String,
    pub(super) dbms: String,
    pub(super) table: String,
    pub(super) status: String,
    pub(super) clusters: IndexSet<String>,
    /// The policies of its operators, each with the cluster that it serves.
    pub(super) operators: Vec<(String, PolicyRef<'a>)>,
}

impl TableFilter {
    /// Reads the keys; `*` means all.
    pub(super) fn from_arguments(arguments: &Arguments) -> Self {
        let text = |key: &str| arguments.text(key).filter(|text| *text != "*").map(str::to_owned);
        Self { company: text("company"), dbms: text("dbms"), table: text("table") }
    }

    /// Tells whether one table of one company is asked for.
    pub(super) const fn is_one_table(&self) -> bool {
        self.company.is_some() && self.dbms.is_some() && self.table.is_some()
    }

    fn takes(&self, held: &HeldTable<'_>) -> bool {
        let fits = |wanted: &Option<String>, text: &str| wanted.as_deref().is_none_or(|wanted| wanted == text);
        fits(&self.company, &held.company) && fits(&self.dbms, &held.dbms) && fits(&self.table, &held.table)
    }
}

/// Returns an attribute as text; empty when it is not there.
pub(super) fn text_of(policy: &Policy, key: &str) -> String {
    match policy.get(key) {
        Some(Value::String(text)) => text.clone(),
        None | Some(Value::Null) => String::new(),
        Some(other) => other.to_string(),
    }
}

/// Returns the tables that clusters hold, by company and database in the order of the ledger.
///
/// # Errors
/// When the budget is used up: every table of a cluster comes with every operator of it.
pub(super) fn held_tables<'a>(
    view: &'a View,
    filter: &TableFilter,
    budget: &Budget<'_>,
) -> Result<Vec<HeldTable<'a>>, Exhausted> {
    let mut found: IndexMap<(String, String), IndexMap<String, HeldTable<'a>>> = IndexMap::new();
    for cluster in view.of_type("cluster").filter_map(|entry| entry.policy()) {
        let company = text_of(&cluster, "company");
        let id = cluster.text("parent").map_or_else(|| cluster.id().unwrap_or_default(), str::to_owned);
        for table in cluster.get("table").and_then(Value::as_array).into_iter().flatten() {
            budget.keep_row()?;
            let part = |key: &str| table.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            let tables = found.entry((company.clone(), part("dbms"))).or_default();
            let held = tables.entry(part("name")).or_insert_with(|| HeldTable {
                company: company.clone(),
                dbms: part("dbms"),
                table: part("name"),
                status: table.get("status").and_then(Value::as_str).unwrap_or("active").to_owned(),
                ..HeldTable::default()
            });
            held.clusters.insert(id.clone());
        }
    }
    let all = found.into_values().flat_map(IndexMap::into_values).filter(|held| filter.takes(held));
    let mut serving = HashMap::new();
    all.map(|held| with_operators(view, held, &mut serving, budget)).collect()
}

/// The operators of each cluster: they hold all tables of it, and are read once.
type Serving<'a> = HashMap<String, Vec<PolicyRef<'a>>>;

/// Adds the operators of the table's clusters.
fn with_operators<'a>(
    view: &'a View,
    mut held: HeldTable<'a>,
    serving: &mut Serving<'a>,
    budget: &Budget<'_>,
) -> Result<HeldTable<'a>, Exhausted> {
    for cluster in &held.clusters {
        if !serving.contains_key(cluster) {
            serving.insert(cluster.clone(), operators(view, cluster, budget)?);
        }
        for operator in serving.get(cluster).into_iter().flatten() {
            budget.keep_row()?;
            budget.keep(cluster.len())?;
            held.operators.push((cluster.clone(), operator.clone()));
        }
    }
    Ok(held)
}

fn operators<'a>(view: &'a View, cluster: &str, budget: &Budget<'_>) -> Result<Vec<PolicyRef<'a>>, Exhausted> {
    let operators = Known::serving(view, cluster);
    operators.map(|operator| budget.keep_map(operator.body()).map(|()| operator)).collect()
}

/// Writes `ip:port`.
pub(super) fn address(ip: &str, port: &str) -> String {
    if ip.is_empty() && port.is_empty() { String::new() } else { host_and_port(ip, port) }
}
