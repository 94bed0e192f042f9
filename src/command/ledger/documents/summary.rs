//! A policy in one line, for lists.

use super::{list::LIST, shortened::shortened};
use crate::{
    command::engine::typed,
    ledger::{LedgerEntry, Location, View},
    node::{Node, Session},
    policy::Policy,
    reply::Error,
};
use serde_json::Value;
use std::sync::Arc;

/// Bytes of a text up to which all of the policy is read for its line.
const READ: usize = 64 * 1024;
/// Characters of an attribute that a line shows.
const SHOWN: usize = 120;
/// Bytes of a date up to its seconds.
const SECOND: usize = 19;
/// Attributes that say where or about what a policy is: the first group that it has is shown.
const PLACES: [&[&str]; 5] = [&["ip", "port"], &["dbms", "table"], &["dbms"], &["namespace"], &["public_key"]];

/// A policy in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicySummary {
    /// Its id.
    pub id: Arc<str>,
    /// Its type.
    pub kind: Arc<str>,
    /// Its name, cut when it is long; empty when it has none.
    pub name: String,
    /// Its company, cut as well.
    pub company: String,
    /// Its address, its database and table, or what else says where it belongs.
    pub place: String,
    /// Its date in the ledger.
    pub date: Arc<str>,
    /// The node that published it.
    pub host: Arc<str>,
    /// True when only the local copy of this node has it.
    pub is_local: bool,
    /// Bytes of its stored text.
    pub bytes: usize,
}

/// A type with the number of its policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeCount {
    /// The type.
    pub kind: Arc<str>,
    /// How many policies it has.
    pub count: usize,
}

impl PolicySummary {
    /// Describes an entry of the ledger; nothing for a row that is no policy.
    #[must_use]
    pub fn of_entry(entry: &LedgerEntry) -> Option<Self> {
        if !entry.valid {
            return None;
        }
        // A large policy is shown by its id alone: a page of fifty such would take its time.
        let policy = if entry.text.len() <= READ { Policy::parse(&entry.text).ok() } else { None };
        let attribute = |key: &str| policy.as_ref().and_then(|policy| policy.get(key)).map(shown).unwrap_or_default();
        Some(Self {
            id: Arc::clone(&entry.id),
            kind: Arc::clone(&entry.kind),
            name: attribute("name"),
            company: attribute("company"),
            place: policy.as_ref().map(place).unwrap_or_default(),
            date: Arc::clone(&entry.date),
            host: Arc::clone(&entry.host),
            is_local: entry.location == Location::File,
            bytes: entry.text.len(),
        })
    }

    /// Returns its date to the second.
    #[must_use]
    pub fn second(&self) -> &str {
        self.date.get(..SECOND).unwrap_or(&self.date)
    }
}

/// Returns the types of the ledger with the number of their policies, in the order of their names: at most `most`, and how many
/// more there are.
///
/// # Errors
/// The caller may not read the ledger.
pub async fn types(node: &Arc<Node>, session: &Session, most: usize) -> Result<(Vec<TypeCount>, usize), Error> {
    typed(LIST, node, session, async { Ok(types_of(&node.ledger.view(), most)) }).await
}

fn types_of(view: &View, most: usize) -> (Vec<TypeCount>, usize) {
    let types = view.types().take(most).map(|kind| TypeCount { kind: Arc::clone(kind), count: view.count_of(kind) });
    (types.collect(), view.types().skip(most).count())
}

fn place(policy: &Policy) -> String {
    let group = PLACES.iter().find(|keys| keys.iter().all(|key| policy.get(key).is_some()));
    let values = group.into_iter().copied().flatten().filter_map(|key| policy.get(key));
    let separator = if group.is_some_and(|keys| keys.first() == Some(&"ip")) { ":" } else { "." };
    values.map(shown).collect::<Vec<_>>().join(separator)
}

/// Returns a value as a line shows it.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => shortened(text, SHOWN),
        other => shortened(&other.to_string(), SHOWN),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_described_by_what_it_has() {
        let place = |text: &str| place(&Policy::parse(text).unwrap());
        assert_eq!(place(r#"{"operator": {"ip": "10.0.0.1", "port": 7, "dbms": "x"}}"#), "10.0.0.1:7");
        assert_eq!(place(r#"{"mapping": {"dbms": "d", "table": "t"}}"#), "d.t");
        assert_eq!(place(r#"{"table": {"dbms": "d", "name": "t"}}"#), "d");
        assert_eq!(place(r#"{"device": {"ip": "x"}}"#), "");
        assert_eq!(shown(&Value::from("ä".repeat(121))).chars().count(), 121);
    }
}
