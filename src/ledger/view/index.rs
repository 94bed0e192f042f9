//! Look-ups by the keys that people and rules filter on: id, type and name, ip and port, cluster, parent.

use crate::ledger::view::{entry::LedgerEntry, fields::PolicyFields};
use imbl::OrdSet;
use serde_json::Value;
use std::{
    borrow::Cow,
    cmp::Ordering,
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

/// Entries under keys, in ledger order under each. What is kept of a key is its hash, in a sorted set: that takes a quarter of
/// the memory of a map from texts to sets. The hash is another one in every process, so nobody can choose keys that meet.
#[derive(Clone, Debug, Default)]
pub struct Index {
    hasher: RandomState,
    entries: OrdSet<IndexedEntry>,
}

/// A key of one of many entries that are added together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryKey {
    /// The hash of the key.
    pub hash: u64,
    /// The number of the entry among them.
    pub number: usize,
}

/// An entry under one key.
#[derive(Clone, Debug)]
struct IndexedEntry {
    hash: u64,
    /// Nothing stands before every entry under the key.
    entry: Option<Arc<LedgerEntry>>,
}

impl Index {
    /// Adds an entry under every key that it has.
    pub fn add(&mut self, entry: &Arc<LedgerEntry>, fields: Option<&PolicyFields>) {
        for key in keys(entry, fields) {
            self.entries.insert(self.indexed(&key, entry));
        }
    }

    /// Removes an entry from every key that it has.
    pub fn remove(&mut self, entry: &Arc<LedgerEntry>, fields: Option<&PolicyFields>) {
        for key in keys(entry, fields) {
            self.entries.remove(&self.indexed(&key, entry));
        }
    }

    /// Returns the hashes of the keys that an entry has; the first one is that of its id.
    pub fn hashes<'k>(
        &'k self,
        entry: &'k LedgerEntry,
        fields: Option<&'k PolicyFields>,
    ) -> impl Iterator<Item = u64> + use<'k> {
        keys(entry, fields).map(move |key| self.hash(&key))
    }

    /// Makes the index that of entries, of which all keys are given.
    pub fn fill(&mut self, mut keys: Vec<EntryKey>, entries: &[Arc<LedgerEntry>]) {
        keys.sort_unstable();
        let indexed =
            |key: EntryKey| Some(IndexedEntry { hash: key.hash, entry: Some(Arc::clone(entries.get(key.number)?)) });
        let sorted: Vec<_> = keys.into_iter().filter_map(indexed).collect();
        self.entries = full_set(&sorted);
    }

    /// Returns the entries under a key, in ledger order. The hash of another key may be the same: the caller looks whether an
    /// entry is what was asked for.
    pub fn under(&self, key: &IndexKey<'_>) -> impl Iterator<Item = &Arc<LedgerEntry>> + '_ {
        let hash = self.hash(key);
        let first = IndexedEntry { hash, entry: None };
        self.entries.range(first..).take_while(move |indexed| indexed.hash == hash).filter_map(|one| one.entry.as_ref())
    }

    /// Returns the entries under any of the keys, in ledger order, each once; like [`Index::under`].
    pub fn find(&self, keys: &[IndexKey<'_>]) -> Vec<&Arc<LedgerEntry>> {
        let mut found: Vec<&Arc<LedgerEntry>> = keys.iter().flat_map(|key| self.under(key)).collect();
        if keys.len() > 1 {
            found.sort_by(|a, b| a.compare(b));
            found.dedup_by(|a, b| a.compare(b).is_eq());
        }
        found
    }

    fn indexed(&self, key: &IndexKey<'_>, entry: &Arc<LedgerEntry>) -> IndexedEntry {
        IndexedEntry { hash: self.hash(key), entry: Some(Arc::clone(entry)) }
    }

    fn hash(&self, key: &IndexKey<'_>) -> u64 {
        self.hasher.hash_one(key)
    }
}

/// Returns the set of items that are sorted. Every second one comes first, and those between them after that: each node is split
/// in halves while it grows and then filled: the set takes less memory than one that grew at random.
pub fn full_set<T: Ord + Clone>(sorted: &[T]) -> OrdSet<T> {
    let mut set = OrdSet::new();
    for item in sorted.iter().step_by(2).chain(sorted.iter().skip(1).step_by(2)) {
        set.insert(item.clone());
    }
    set
}

impl Ord for IndexedEntry {
    fn cmp(&self, other: &Self) -> Ordering {
        self.hash.cmp(&other.hash).then_with(|| match (&self.entry, &other.entry) {
            (Some(one), Some(other)) => one.compare(other),
            (one, other) => one.is_some().cmp(&other.is_some()),
        })
    }
}

impl PartialOrd for IndexedEntry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for IndexedEntry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for IndexedEntry {}

/// What entries are found by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum IndexKey<'k> {
    /// An id in lower case.
    Id(Cow<'k, str>),
    /// An id that is no plain text: it may equal anything.
    OtherId,
    /// A type and a name in lower case.
    Name(&'k str, String),
    /// A type whose name is no plain text: it may equal anything.
    OtherName(&'k str),
    /// An ip and a port in lower case.
    Address(String, String),
    /// An address that is no plain text and number: it may equal anything.
    OtherAddress,
    /// The cluster of an operator in lower case.
    Cluster(Cow<'k, str>),
    /// A parent.
    Parent(&'k str),
}

impl<'k> IndexKey<'k> {
    /// Returns the key of an id; others that differ by their case alone have it, too.
    pub fn id(id: &'k str) -> Self {
        Self::Id(lower_case(id))
    }

    /// Returns the key of the operators of a cluster; those of clusters that differ by their case alone have it, too.
    pub fn cluster(id: &'k str) -> Self {
        Self::Cluster(lower_case(id))
    }

    /// Returns the keys under which every policy stands that can satisfy `id = text` (reference/ledger 7.2).
    pub fn ids(id: &'k str) -> [Self; 2] {
        [Self::id(id), Self::OtherId]
    }

    fn name(kind: &'k str, text: &str) -> Self {
        Self::Name(kind, text.to_lowercase())
    }

    fn address(ip: &str, port: &str) -> Self {
        Self::Address(ip.to_lowercase(), port.to_lowercase())
    }

    /// Returns the keys under which every policy of a type stands that can satisfy `name = text` (reference/ledger 7.2).
    pub fn names(kind: &'k str, text: &str) -> [Self; 2] {
        [Self::name(kind, text), Self::OtherName(kind)]
    }

    /// Returns the keys under which every policy stands that can satisfy `ip = IP and port = PORT`.
    pub fn addresses(ip: &str, port: &str) -> Vec<Self> {
        let mut keys = vec![Self::OtherAddress, Self::address(ip, port)];
        keys.extend(port.trim().parse::<i128>().ok().map(|port| Self::address(ip, &port.to_string())));
        keys
    }
}

/// Returns a text in lower case; most ids are, and those are not copied.
fn lower_case(text: &str) -> Cow<'_, str> {
    let is_lower = text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if is_lower { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) }
}

/// Returns the keys of an entry; without fields it is no policy and has its id alone.
fn keys<'k>(entry: &'k LedgerEntry, fields: Option<&'k PolicyFields>) -> impl Iterator<Item = IndexKey<'k>> {
    let id = IndexKey::id(&entry.id);
    let read = fields.and_then(|fields| fields.id.as_deref()).map(IndexKey::id).filter(|read| *read != id);
    let fields = fields.into_iter().flat_map(|fields| keys_of_fields(&entry.kind, fields));
    std::iter::once(id).chain(read).chain(fields)
}

fn keys_of_fields<'k>(kind: &'k str, fields: &'k PolicyFields) -> impl Iterator<Item = IndexKey<'k>> {
    let other_id = fields.other_id.then_some(IndexKey::OtherId);
    let named = match &fields.name {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text != "*" => Some(IndexKey::name(kind, text)),
        Some(_) => Some(IndexKey::OtherName(kind)),
    };
    let placed = match (&fields.ip, &fields.port) {
        (None | Some(Value::Null), _) | (_, None | Some(Value::Null)) => None,
        (Some(Value::String(ip)), Some(Value::Number(port))) if ip != "*" && !port.is_f64() => {
            Some(IndexKey::address(ip, &port.to_string()))
        }
        (Some(Value::String(ip)), Some(Value::String(port))) if ip != "*" && port != "*" => {
            Some(IndexKey::address(ip, port))
        }
        _ => Some(IndexKey::OtherAddress),
    };
    let cluster = fields.cluster.as_deref().filter(|_| kind == "operator").map(IndexKey::cluster);
    let parent = fields.parent.as_deref().map(IndexKey::Parent);
    [other_id, named, placed, cluster, parent].into_iter().flatten()
}
