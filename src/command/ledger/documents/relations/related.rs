//! A policy as others point at it, and groups of them that show the first ones.

use crate::{
    command::ledger::documents::shortened::shortened,
    ledger::LedgerEntry,
    policy::{Policy, json},
    query::{Budget, Exhausted},
};
use serde_json::Value;
use std::sync::Arc;

/// Policies of one group that are shown.
pub(super) const SHOWN: usize = 50;
/// Characters of a name that is shown.
const NAME: usize = 80;

/// A policy as others point at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Its id; nothing for a table that a cluster lists and no policy describes.
    pub id: Option<Arc<str>>,
    /// Its type.
    pub kind: Arc<str>,
    /// Its name; its id where it has none.
    pub name: String,
}

/// The first of some, and how many more there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelatedGroup<T> {
    /// The first ones.
    pub shown: Vec<T>,
    /// How many more there are.
    pub more: usize,
    /// How many are shown at most.
    pub(super) most: usize,
}

impl Related {
    /// Describes an entry; its policy is nothing for a row that is none.
    pub(super) fn of(entry: &LedgerEntry, policy: Option<&Policy>) -> Self {
        let name = policy.and_then(|policy| policy.text("name")).filter(|name| !name.is_empty()).unwrap_or(&entry.id);
        let name = match policy.and_then(|policy| policy.text("dbms")) {
            Some(dbms) if &*entry.kind == "table" => format!("{dbms}.{name}"),
            _ => name.to_owned(),
        };
        Self { id: Some(Arc::clone(&entry.id)), kind: Arc::clone(&entry.kind), name: shortened(&name, NAME) }
    }

    /// Reads an entry for this once and describes it.
    pub(super) fn read(entry: &LedgerEntry, budget: &Budget<'_>) -> Result<Self, Exhausted> {
        Ok(Self::of(entry, read(entry, budget)?.as_ref()))
    }
}

impl<T> RelatedGroup<T> {
    /// Creates a group that shows so many.
    pub(super) fn new(most: usize) -> Self {
        Self { shown: Vec::new(), more: 0, most }
    }

    /// Puts the first ones and the number of the others together.
    #[must_use]
    pub const fn holding(shown: Vec<T>, more: usize) -> Self {
        Self { shown, more, most: 0 }
    }

    /// Adds one and returns its place; it is only counted when there are enough.
    pub(super) fn add(&mut self, one: T) -> Option<usize>
    where
        T: PartialEq,
    {
        if let Some(place) = self.shown.iter().position(|there| *there == one) {
            return Some(place);
        }
        if self.shown.len() == self.most {
            self.more += 1;
            return None;
        }
        self.shown.push(one);
        Some(self.shown.len() - 1)
    }

    /// Tells whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }
}

/// Reads a policy for this once; nothing for a row that is none.
pub(super) fn read(entry: &LedgerEntry, budget: &Budget<'_>) -> Result<Option<Policy>, Exhausted> {
    budget.read(entry.text.len())?;
    Ok(Policy::parse(&entry.text).ok())
}

/// Returns a text as it stands between quotes in stored texts.
pub(super) fn quoted(text: &str) -> String {
    json::text(&Value::from(text))
}

/// Names a table that no policy describes.
pub(super) fn undescribed(dbms: &str, name: &str) -> Related {
    Related { id: None, kind: "table".into(), name: shortened(&format!("{dbms}.{name}"), NAME) }
}
