//! Types, attributes, values and ids of the policies in the ledger, read within limits.

use crate::{
    command::completion::candidate::{CandidateKind, Offer},
    ledger::{LedgerEntry, View},
    policy::Policy,
    runtime::limits::{
        COMPLETION_CANDIDATES, COMPLETION_LOOKED_AT, COMPLETION_READ, COMPLETION_SAMPLE, COMPLETION_VALUE,
    },
};
use serde_json::Value;
use std::{collections::BTreeSet, sync::Arc};

/// One version of the policies.
pub(super) struct KnownPolicies<'v> {
    view: &'v View,
}

/// The types whose policies are meant.
pub(super) enum Kinds<'k> {
    All,
    Named(Vec<&'k str>),
}

impl<'v> KnownPolicies<'v> {
    pub(super) const fn new(view: &'v View) -> Self {
        Self { view }
    }

    /// Offers the types, and the sign for all of them.
    pub(super) fn offer_types(&self, offer: &mut Offer<'_>) {
        offer.add(CandidateKind::PolicyType, "*");
        for kind in self.view.types() {
            let count = || Some(self.view.count_of(kind).to_string());
            offer.add_about(CandidateKind::PolicyType, kind, count);
        }
    }

    /// Returns the attributes of the types, those inside of objects and lists of objects too, each with its type. Some
    /// policies stand for all.
    pub(super) fn attributes(&self, kinds: &Kinds<'_>, offer: &mut Offer<'_>) -> BTreeSet<(String, Vec<String>)> {
        let mut found = BTreeSet::new();
        let kinds: Vec<&str> = match kinds {
            Kinds::All => self.view.types().map(AsRef::as_ref).collect(),
            Kinds::Named(kinds) => kinds.clone(),
        };
        let each = COMPLETION_SAMPLE.checked_div(kinds.len()).unwrap_or_default().max(1);
        for kind in kinds.iter().take(COMPLETION_SAMPLE) {
            for policy in self.view.of_type(kind).take(each).filter_map(read) {
                for (key, value) in policy.body() {
                    add_paths(&mut found, kind, key, value);
                }
            }
            if found.len() > 2 * COMPLETION_CANDIDATES {
                offer.stop_early();
                break;
            }
        }
        found
    }

    /// Offers the values that an attribute has in policies of the types.
    pub(super) fn offer_values(&self, kinds: &Kinds<'_>, path: &[&str], offer: &mut Offer<'_>) {
        if let ["id"] = path {
            return self.offer_ids(kinds, offer);
        }
        let word = offer.plain_word();
        let mut left = COMPLETION_READ;
        for entry in self.looked_at(kinds, offer) {
            if !entry.text.contains(word) {
                continue;
            }
            if left == 0 || offer.is_full() {
                return offer.stop_early();
            }
            left -= 1;
            if let Some(policy) = read(entry)
                && let [first, rest @ ..] = path
                && let Some(value) = policy.get(first)
            {
                values(value, rest, offer);
            }
        }
    }

    /// Offers ids that begin as typed; when none does, those of the policies whose name begins so.
    pub(super) fn offer_ids(&self, kinds: &Kinds<'_>, offer: &mut Offer<'_>) {
        let word = offer.plain_word();
        for entry in self.looked_at(kinds, offer).filter(|entry| entry.id.starts_with(word)) {
            if offer.is_full() {
                return offer.stop_early();
            }
            offer.put(CandidateKind::PolicyId, &entry.id, || about(entry));
        }
        if !offer.is_empty() || word.is_empty() {
            return;
        }
        let mut left = COMPLETION_READ;
        for entry in self.looked_at(kinds, offer).filter(|entry| entry.text.contains(word)) {
            if left == 0 || offer.is_full() {
                return offer.stop_early();
            }
            left -= 1;
            if read(entry).is_some_and(|policy| policy.text("name").is_some_and(|name| name.starts_with(word))) {
                offer.put(CandidateKind::PolicyId, &entry.id, || about(entry));
            }
        }
    }

    /// Returns the policies of some types, not more than are looked at.
    fn looked_at(
        &self,
        kinds: &Kinds<'_>,
        offer: &mut Offer<'_>,
    ) -> Box<dyn Iterator<Item = &'v Arc<LedgerEntry>> + 'v> {
        let count = match kinds {
            Kinds::All => self.view.len(),
            Kinds::Named(kinds) => kinds.iter().map(|kind| self.view.count_of(kind)).sum(),
        };
        if count > COMPLETION_LOOKED_AT {
            offer.stop_early();
        }
        let view = self.view;
        match kinds {
            Kinds::All => Box::new(view.iter().take(COMPLETION_LOOKED_AT)),
            Kinds::Named(kinds) => {
                let lists: Vec<_> = kinds.iter().map(|kind| view.listed(Some(kind), None)).collect();
                Box::new(lists.into_iter().flatten().take(COMPLETION_LOOKED_AT))
            }
        }
    }
}

/// Reads a policy without keeping it: what is looked at for a completion does not fill the memory.
fn read(entry: &Arc<LedgerEntry>) -> Option<Policy> {
    Policy::parse(&entry.text).ok()
}

/// Returns the type and the name of a policy.
fn about(entry: &Arc<LedgerEntry>) -> Option<String> {
    let name = read(entry)?.text("name").map(str::to_owned)?;
    let name: String = name.chars().take(COMPLETION_VALUE).collect();
    Some(format!("{} {name}", entry.kind))
}

/// Adds the path of an attribute, and those one level below it.
fn add_paths(found: &mut BTreeSet<(String, Vec<String>)>, kind: &str, key: &str, value: &Value) {
    if !is_key(key) {
        return;
    }
    found.insert((kind.to_owned(), vec![key.to_owned()]));
    let inside = match value {
        Value::Array(entries) => entries.first().and_then(Value::as_object),
        value => value.as_object(),
    };
    for inner in inside.into_iter().flat_map(|object| object.keys()).filter(|inner| is_key(inner)) {
        found.insert((kind.to_owned(), vec![key.to_owned(), inner.clone()]));
    }
}

/// Tells whether a key can be written as it is.
fn is_key(key: &str) -> bool {
    !key.is_empty() && key.len() <= COMPLETION_VALUE && key.chars().all(|c| c.is_alphanumeric() || "_-".contains(c))
}

/// Offers the plain values at a path below a value.
fn values(value: &Value, path: &[&str], offer: &mut Offer<'_>) {
    match (value, path) {
        (Value::Array(entries), path) => {
            entries.iter().take(COMPLETION_SAMPLE).for_each(|one| values(one, path, offer))
        }
        (Value::Object(object), [key, rest @ ..]) => {
            if let Some(value) = object.get(*key) {
                values(value, rest, offer);
            }
        }
        (Value::String(text), []) if text.chars().count() <= COMPLETION_VALUE => offer.add_value(text),
        (Value::Number(_) | Value::Bool(_), []) => offer.add_value(&value.to_string()),
        _ => {}
    }
}
