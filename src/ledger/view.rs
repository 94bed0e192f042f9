//! The policies in memory: immutable, indexed, and cheap to change into the next version.

use super::{
    entry::{Entry, Ranked},
    facts::Facts,
};
use imbl::{HashMap, OrdMap, OrdSet, Vector};
use serde_json::Value;
use std::sync::Arc;

/// How many changes a view remembers, so that an export can start from the one before.
const REMEMBERED_CHANGES: usize = 4096;

/// One version of the policies. Cloning is free; a change costs what changed, never the whole.
#[derive(Clone, Debug, Default)]
pub struct View {
    order: OrdSet<Ranked>,
    ids: HashMap<Arc<str>, Arc<Entry>>,
    kinds: OrdMap<Arc<str>, OrdSet<Ranked>>,
    names: HashMap<Box<str>, Group>,
    addresses: HashMap<Box<str>, Group>,
    parents: HashMap<Box<str>, Group>,
    generation: u64,
    changes: Vector<(u64, Ranked)>,
    forgotten: u64,
}

impl View {
    /// Returns all policies in ledger order: `date`, then `sequence_id`, then those only the local file has.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Entry>> + '_ {
        self.order.iter().map(|ranked| &ranked.0).filter(|entry| entry.valid)
    }

    /// Returns the number of entries, rows that are no policies included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Tells whether there are no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Returns the policy with an id.
    #[must_use]
    pub fn by_id(&self, id: &str) -> Option<&Arc<Entry>> {
        self.ids.get(id)
    }

    /// Returns the policies of a type in ledger order; types are case sensitive (spec/ledger 1.1).
    pub fn of_type(&self, kind: &str) -> impl Iterator<Item = &Arc<Entry>> + '_ {
        self.kinds.get(kind).into_iter().flat_map(|set| set.iter()).map(|ranked| &ranked.0)
    }

    /// Returns the number of policies of a type.
    #[must_use]
    pub fn count_of(&self, kind: &str) -> usize {
        self.kinds.get(kind).map_or(0, OrdSet::len)
    }

    /// Returns the types in use.
    pub fn types(&self) -> impl Iterator<Item = &Arc<str>> + '_ {
        self.kinds.keys()
    }

    /// Returns, in ledger order, every policy of a type that can satisfy `name = value`: those with that text as name
    /// in any case, and those whose name is no plain text. The caller still applies the condition.
    #[must_use]
    pub fn named(&self, kind: &str, name: &str) -> Vec<Arc<Entry>> {
        merged(&self.names, &name_key(kind, &name.to_lowercase()), &irregular(kind))
    }

    /// Returns, in ledger order, every policy that can satisfy `ip = IP and port = PORT`, like [`View::named`].
    #[must_use]
    pub fn at_address(&self, ip: &str, port: i64) -> Vec<Arc<Entry>> {
        merged(&self.addresses, &format!("{}:{port}", ip.to_lowercase()), &irregular(""))
    }

    /// Returns the policies whose `parent` is the id, in ledger order.
    pub fn children_of(&self, id: &str) -> impl Iterator<Item = &Arc<Entry>> + '_ {
        self.parents.get(id).into_iter().flat_map(Group::iter)
    }

    /// Returns the number of this version; it grows with every published change.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Returns every entry from a place in ledger order on, rows that are no policies included.
    pub fn entries_from(&self, first: Option<&Ranked>) -> Box<dyn Iterator<Item = &Arc<Entry>> + '_> {
        match first {
            None => Box::new(self.order.iter().map(|ranked| &ranked.0)),
            Some(first) => Box::new(self.order.range(first.clone()..).map(|ranked| &ranked.0)),
        }
    }

    /// Returns the last entry in ledger order.
    #[must_use]
    pub fn last(&self) -> Option<&Arc<Entry>> {
        self.order.get_max().map(|ranked| &ranked.0)
    }

    /// Returns the entries that only the local file has, in the order of its lines.
    pub fn lines(&self) -> impl Iterator<Item = &Arc<Entry>> + '_ {
        let first = Entry::first_line();
        self.order.range(Ranked(Arc::new(first))..).map(|ranked| &ranked.0)
    }

    /// Returns the first place in ledger order that changed after a version; an error when that is no longer known.
    pub(super) fn changed_since(&self, generation: u64) -> Result<Option<Ranked>, Forgotten> {
        if generation == self.generation {
            return Ok(None);
        }
        if generation < self.forgotten || generation > self.generation {
            return Err(Forgotten);
        }
        let later = self.changes.iter().rev().take_while(|(at, _)| *at > generation);
        Ok(later.map(|(_, ranked)| ranked).min().cloned())
    }

    /// Adds an entry; one with the same id that is there already is replaced.
    pub(super) fn insert(&mut self, entry: Arc<Entry>) {
        let facts = Facts::read_lenient(&entry.text);
        self.insert_known(entry, facts.as_ref());
    }

    /// Adds an entry whose facts are known.
    pub(super) fn insert_known(&mut self, entry: Arc<Entry>, facts: Option<&Facts>) {
        if let Some(old) = self.ids.get(&entry.id).cloned() {
            self.take_out(&old);
        }
        let ranked = Ranked(Arc::clone(&entry));
        self.remember(&ranked);
        self.order.insert(ranked.clone());
        self.ids.insert(Arc::clone(&entry.id), Arc::clone(&entry));
        if !entry.valid {
            return;
        }
        self.kinds.entry(Arc::clone(&entry.kind)).or_default().insert(ranked);
        let Some(keys) = facts.map(|facts| Keys::of(&entry.kind, facts)) else { return };
        add(&mut self.names, keys.name, &entry);
        add(&mut self.addresses, keys.address, &entry);
        add(&mut self.parents, keys.parent, &entry);
    }

    /// Removes the entry with an id and returns it.
    pub(super) fn remove(&mut self, id: &str) -> Option<Arc<Entry>> {
        let entry = self.ids.get(id).cloned()?;
        self.take_out(&entry);
        Some(entry)
    }

    /// Makes this the next version: changes from here on belong to it.
    pub(super) fn advance(&mut self) {
        self.generation += 1;
    }

    /// Makes this follow another version without knowing what differs.
    pub(super) fn replace(&mut self, previous: u64) {
        self.generation = previous + 1;
        self.forgotten = self.generation;
        self.changes = Vector::new();
    }

    fn remember(&mut self, ranked: &Ranked) {
        if self.changes.len() >= REMEMBERED_CHANGES {
            self.forgotten = self.changes.pop_front().map_or(self.forgotten, |(at, _)| at);
        }
        self.changes.push_back((self.generation, ranked.clone()));
    }

    fn take_out(&mut self, entry: &Arc<Entry>) {
        let ranked = Ranked(Arc::clone(entry));
        self.remember(&ranked);
        self.order.remove(&ranked);
        self.ids.remove(&entry.id);
        if let Some(set) = self.kinds.get_mut(&entry.kind) {
            set.remove(&ranked);
            if set.is_empty() {
                self.kinds.remove(&entry.kind);
            }
        }
        let facts = Facts::read_lenient(&entry.text);
        let Some(keys) = facts.map(|facts| Keys::of(&entry.kind, &facts)) else { return };
        withdraw(&mut self.names, keys.name, &ranked);
        withdraw(&mut self.addresses, keys.address, &ranked);
        withdraw(&mut self.parents, keys.parent, &ranked);
    }
}

/// The view does not remember what changed so long ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Forgotten;

/// The entries under one key of an index: mostly one.
#[derive(Clone, Debug)]
enum Group {
    One(Ranked),
    Many(OrdSet<Ranked>),
}

impl Group {
    fn iter(&self) -> Box<dyn Iterator<Item = &Arc<Entry>> + '_> {
        match self {
            Self::One(ranked) => Box::new(std::iter::once(&ranked.0)),
            Self::Many(set) => Box::new(set.iter().map(|ranked| &ranked.0)),
        }
    }
}

fn add(index: &mut HashMap<Box<str>, Group>, key: Option<String>, entry: &Arc<Entry>) {
    let Some(key) = key else { return };
    let ranked = Ranked(Arc::clone(entry));
    match index.get_mut(key.as_str()) {
        None => {
            index.insert(key.into(), Group::One(ranked));
        }
        Some(Group::Many(set)) => {
            set.insert(ranked);
        }
        Some(group) => {
            let mut set: OrdSet<Ranked> = group.iter().cloned().map(Ranked).collect();
            set.insert(ranked);
            *group = Group::Many(set);
        }
    }
}

fn withdraw(index: &mut HashMap<Box<str>, Group>, key: Option<String>, ranked: &Ranked) {
    let Some(key) = key else { return };
    let empty = match index.get_mut(key.as_str()) {
        None => false,
        Some(Group::One(one)) => one == ranked,
        Some(Group::Many(set)) => {
            set.remove(ranked);
            set.is_empty()
        }
    };
    if empty {
        index.remove(key.as_str());
    }
}

fn merged(index: &HashMap<Box<str>, Group>, key: &str, other: &str) -> Vec<Arc<Entry>> {
    let mut found: Vec<Arc<Entry>> =
        [key, other].iter().filter_map(|key| index.get(*key)).flat_map(Group::iter).cloned().collect();
    if index.contains_key(other) {
        found.sort_by(|a, b| Ranked(Arc::clone(a)).cmp(&Ranked(Arc::clone(b))));
    }
    found
}

/// The index keys of one entry.
struct Keys {
    name: Option<String>,
    address: Option<String>,
    parent: Option<String>,
}

impl Keys {
    fn of(kind: &str, facts: &Facts) -> Self {
        let name = match &facts.name {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) if text != "*" => Some(name_key(kind, &text.to_lowercase())),
            Some(_) => Some(irregular(kind)),
        };
        let address = match (&facts.ip, &facts.port) {
            (None | Some(Value::Null), _) | (_, None | Some(Value::Null)) => None,
            (Some(Value::String(ip)), Some(Value::Number(port))) if ip != "*" && port.is_i64() => {
                Some(format!("{}:{port}", ip.to_lowercase()))
            }
            _ => Some(irregular("")),
        };
        Self { name, address, parent: facts.parent.clone() }
    }
}

fn name_key(kind: &str, name: &str) -> String {
    format!("{kind}\u{0}{name}")
}

/// The key of values that are no plain text and therefore may match anything.
fn irregular(kind: &str) -> String {
    format!("{kind}\u{1}")
}
