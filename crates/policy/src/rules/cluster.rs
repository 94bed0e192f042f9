//! Rules of clusters (reference/ledger 3.2).

use super::schema;
use crate::{Error, Known, Policy, matching::comparable_text};
use serde_json::Value;

pub(super) fn check(policy: &mut Policy, known: &dyn Known) -> Result<(), Error> {
    schema::check("cluster", policy.body(), schema::CLUSTER)?;
    tables(policy)?;
    if policy.get("status").is_none() {
        policy.set("status", "active");
    }
    let name = policy.text("name").unwrap_or_default();
    if name.is_empty() {
        return Err(Error::Empty("'name' of policy 'cluster' is empty".to_owned()));
    }
    match policy.get("parent").map(comparable_text) {
        Some(parent) => child(policy, known, name, &parent),
        None => match known.named("cluster", name).next() {
            Some(other) => Err(Error::NotUnique(format!(
                "the cluster with id {} has the name '{name}' already",
                other.id().unwrap_or_default()
            ))),
            None => Ok(()),
        },
    }
}

/// Checks the list of tables and gives every entry a status.
fn tables(policy: &mut Policy) -> Result<(), Error> {
    let Some(Value::Array(list)) = policy.get("table") else {
        return Ok(());
    };
    let mut list = list.clone();
    let mut seen: Vec<(String, String)> = Vec::new();
    for entry in &mut list {
        let Value::Object(entry) = entry else {
            return Err(Error::structure("an entry of 'table' of policy 'cluster' is no object"));
        };
        schema::check("cluster[table]", entry, schema::CLUSTER_TABLE)?;
        let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let table = (text("dbms"), text("name"));
        if seen.contains(&table) {
            let (dbms, name) = table;
            return Err(Error::Structure(format!("the cluster lists the table {dbms}.{name} twice")));
        }
        seen.push(table);
        entry.entry("status").or_insert_with(|| "active".into());
    }
    policy.set("table", list);
    Ok(())
}

fn child(policy: &Policy, known: &dyn Known, name: &str, parent: &str) -> Result<(), Error> {
    if known.named("cluster", name).next().is_none() {
        return Err(Error::Structure(format!("no cluster with the name '{name}' is there")));
    }
    let Some(found) = known.named("cluster", name).find(|other| other.id().as_deref() == Some(parent)) else {
        return Err(Error::Parent(format!("no cluster with the name '{name}' has the id '{parent}'")));
    };
    let company = policy.text("company").unwrap_or_default();
    if found.has("company", company) {
        return Ok(());
    }
    Err(Error::Parent(format!("the cluster with id {parent} belongs to another company than '{company}'")))
}
