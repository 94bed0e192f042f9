//! The way of data: tables are served by clusters, and clusters by operators.

use super::related::{Related, RelatedGroup, quoted, read, undescribed};
use crate::{
    command::ledger::documents::list_place::ListPlace,
    ledger::{LedgerEntry, View},
    policy::Policy,
    query::{Budget, Exhausted},
};
use serde_json::Value;
use std::sync::Arc;

/// Tables, clusters and operators that a picture of one policy has, each.
const DRAWN: usize = 12;
/// Clusters that a page of all relations has.
const CLUSTERS: usize = 10;
/// Tables and operators that such a page has, each.
const DRAWN_TOGETHER: usize = 60;

/// The way of data: tables are served by clusters, clusters by operators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The tables.
    pub tables: RelatedGroup<Related>,
    /// The clusters.
    pub clusters: RelatedGroup<Related>,
    /// The operators.
    pub operators: RelatedGroup<Related>,
    /// Which table is served by which cluster, by their places.
    pub served: Vec<(usize, usize)>,
    /// Which cluster is served by which operator, by their places.
    pub run: Vec<(usize, usize)>,
}

impl Chain {
    fn new(drawn: usize) -> Self {
        let (tables, clusters, operators) =
            (RelatedGroup::new(drawn), RelatedGroup::new(DRAWN), RelatedGroup::new(drawn));
        Self { tables, clusters, operators, served: Vec::new(), run: Vec::new() }
    }

    /// Adds a cluster with its tables and operators.
    fn add(&mut self, view: &View, cluster: &LedgerEntry, budget: &Budget<'_>) -> Result<(), Exhausted> {
        let Some(policy) = read(cluster, budget)? else { return Ok(()) };
        let Some(at) = self.clusters.add(Related::of(cluster, Some(&policy))) else { return Ok(()) };
        for (dbms, name) in tables_of(&policy) {
            budget.work(1)?;
            let is_shown = self.tables.shown.len() < self.tables.most;
            let table = if is_shown { table(view, dbms, name, budget)? } else { undescribed(dbms, name) };
            if let Some(table) = self.tables.add(table) {
                self.served.push((table, at));
            }
        }
        for operator in view.operators_of(&cluster.id) {
            if let Some(operator) = self.operators.add(Related::read(operator, budget)?) {
                self.run.push((at, operator));
            }
        }
        Ok(())
    }
}

/// Returns the ways of data of some clusters behind a place, and where the next ones begin.
pub(super) fn of_clusters(
    view: &View,
    after: Option<&ListPlace>,
    budget: &Budget<'_>,
) -> Result<(Chain, Option<ListPlace>), Exhausted> {
    let mut chain = Chain::new(DRAWN_TOGETHER);
    let mut last = None;
    let after = after.map(|place| place.position_in(view));
    for (count, cluster) in view.listed(Some("cluster"), after).enumerate() {
        if count == CLUSTERS {
            return Ok((chain, last));
        }
        chain.add(view, cluster, budget)?;
        last = Some(ListPlace::behind(cluster));
    }
    Ok((chain, None))
}

/// Returns the way of data that a policy is part of; nothing for other types.
pub(super) fn chain(
    view: &View,
    entry: &LedgerEntry,
    policy: &Policy,
    budget: &Budget<'_>,
) -> Result<Option<Chain>, Exhausted> {
    let mut chain = Chain::new(DRAWN);
    match policy.kind() {
        "table" => {
            let (Some(dbms), Some(name)) = (policy.text("dbms"), policy.text("name")) else { return Ok(None) };
            chain.tables.add(Related::of(entry, Some(policy)));
            for cluster in clusters_of(view, dbms, name, budget)? {
                // The other tables of the cluster are on its own page.
                let mut whole = Chain::new(DRAWN);
                whole.add(view, cluster, budget)?;
                let Some(at) = whole.clusters.shown.into_iter().next().and_then(|one| chain.clusters.add(one)) else {
                    continue;
                };
                chain.served.push((0, at));
                for operator in whole.operators.shown {
                    if let Some(operator) = chain.operators.add(operator) {
                        chain.run.push((at, operator));
                    }
                }
                chain.operators.more += whole.operators.more;
            }
        }
        "cluster" => chain.add(view, entry, budget)?,
        "operator" => match policy.text("cluster").and_then(|id| view.by_id(id)) {
            Some(cluster) if &*cluster.kind == "cluster" => chain.add(view, cluster, budget)?,
            _ => return Ok(None),
        },
        _ => return Ok(None),
    }
    Ok(Some(chain))
}

/// Returns the clusters that list a table.
fn clusters_of<'a>(
    view: &'a View,
    dbms: &str,
    name: &str,
    budget: &Budget<'_>,
) -> Result<Vec<&'a Arc<LedgerEntry>>, Exhausted> {
    let quoted = quoted(name);
    let mut found = Vec::new();
    for cluster in view.of_type("cluster") {
        budget.read(cluster.text.len())?;
        if !cluster.text.contains(&quoted) {
            continue;
        }
        let lists = read(cluster, budget)?.is_some_and(|policy| tables_of(&policy).any(|table| table == (dbms, name)));
        if lists {
            found.push(cluster);
        }
    }
    Ok(found)
}

/// Returns the databases and names of the tables that a cluster lists.
pub(super) fn tables_of(cluster: &Policy) -> impl Iterator<Item = (&str, &str)> {
    let list = cluster.get("table").and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|table| Some((table.get("dbms")?.as_str()?, table.get("name")?.as_str()?)))
}

/// Returns the table of a database with a name, whether a policy describes it or not.
pub(super) fn table(view: &View, dbms: &str, name: &str, budget: &Budget<'_>) -> Result<Related, Exhausted> {
    for entry in view.named("table", name) {
        let Some(policy) = read(entry, budget)? else { continue };
        if policy.text("dbms") == Some(dbms) && policy.text("name") == Some(name) {
            return Ok(Related::of(entry, Some(&policy)));
        }
    }
    Ok(undescribed(dbms, name))
}
