//! What a policy names: ids anywhere in it, and tables by their database and name.

use super::{
    chain::table,
    related::{Related, RelatedGroup, SHOWN},
};
use crate::{
    ledger::{View, attribute_path},
    policy::{Policy, overlaid},
    query::{Budget, Exhausted},
};
use serde_json::{Map, Value};

/// Bytes of the longest text that is looked up as an id.
const ID: usize = 256;

/// A policy that another one names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Where it is named: `cluster`, `table[0]`.
    pub path: String,
    /// The policy.
    pub policy: Related,
}

/// Returns what a policy names: ids anywhere in it, and tables by their database and name.
pub(super) fn names(
    view: &View,
    own: &str,
    policy: &Policy,
    budget: &Budget<'_>,
) -> Result<RelatedGroup<Reference>, Exhausted> {
    let mut found = Names { view, own, budget, group: RelatedGroup::new(SHOWN) };
    for id in overlaid(policy) {
        found.id(id, || attribute_path("", id))?;
    }
    found.object("", policy.body())?;
    Ok(found.group)
}

struct Names<'a> {
    view: &'a View,
    own: &'a str,
    budget: &'a Budget<'a>,
    group: RelatedGroup<Reference>,
}

impl Names<'_> {
    fn object(&mut self, path: &str, object: &Map<String, Value>) -> Result<(), Exhausted> {
        let table = |key: &str| Some((object.get("dbms")?.as_str()?, object.get(key)?.as_str()?));
        // The entries of a cluster have the name of a table as `name`; everything else says `table`.
        let key = if path.starts_with("table[") { "name" } else { "table" };
        if let Some((dbms, name)) = table(key) {
            let table = table_policy(self.view, (dbms, name), self.budget)?;
            self.add(table, || if path.is_empty() { key.to_owned() } else { path.to_owned() });
        }
        for (key, value) in object {
            self.value(&attribute_path(path, key), value)?;
        }
        Ok(())
    }

    fn value(&mut self, path: &str, value: &Value) -> Result<(), Exhausted> {
        self.budget.work(1)?;
        match value {
            Value::String(text) if path != "id" => self.id(text, || path.to_owned()),
            Value::Array(items) => {
                for (place, item) in items.iter().enumerate() {
                    self.value(&format!("{path}[{place}]"), item)?;
                }
                Ok(())
            }
            Value::Object(object) => self.object(path, object),
            _ => Ok(()),
        }
    }

    fn id(&mut self, id: &str, path: impl FnOnce() -> String) -> Result<(), Exhausted> {
        if id.is_empty() || id.len() > ID || id == self.own {
            return Ok(());
        }
        if let Some(entry) = self.view.by_id(id).filter(|entry| entry.valid) {
            let policy = Related::read(entry, self.budget)?;
            self.add(Some(policy), path);
        }
        Ok(())
    }

    fn add(&mut self, policy: Option<Related>, path: impl FnOnce() -> String) {
        if let Some(policy) = policy.filter(|policy| policy.id.as_deref() != Some(self.own)) {
            self.group.add(Reference { path: path(), policy });
        }
    }
}

fn table_policy(view: &View, (dbms, name): (&str, &str), budget: &Budget<'_>) -> Result<Option<Related>, Exhausted> {
    Ok(Some(table(view, dbms, name, budget)?).filter(|table| table.id.is_some()))
}
