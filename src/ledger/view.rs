//! The policies in memory: immutable, indexed, and cheap to change into the next version.

use crate::{
    ledger::{
        entry::{Entry, Place, Ranked},
        facts::Facts,
        index::{self, Index},
    },
    policy::{Known, Policies, Policy},
};
use imbl::{HashMap, OrdMap, OrdSet, Vector};
use std::sync::Arc;

/// How many changes a view remembers, so that an export can start from the one before.
const REMEMBERED_CHANGES: usize = 4096;

/// One version of the policies. Cloning is free; a change costs what changed, never the whole.
#[derive(Clone, Debug, Default)]
pub struct View {
    order: OrdSet<Ranked>,
    ids: HashMap<Arc<str>, Arc<Entry>>,
    kinds: OrdMap<Arc<str>, OrdSet<Ranked>>,
    index: Index,
    generation: u64,
    changes: Vector<(u64, Ranked)>,
    forgotten: u64,
    last_sequence: i64,
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

    /// Returns the policies of a type in ledger order; types are case sensitive (reference/ledger 1.1).
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

    /// Returns, in ledger order, every policy of a type that can satisfy `name = text`: those with that text as name in
    /// any case, and those whose name is no plain text. The caller still applies the condition.
    #[must_use]
    pub fn named(&self, kind: &str, name: &str) -> Vec<&Arc<Entry>> {
        self.index.find(&index::names(kind, name))
    }

    /// Returns, in ledger order, every policy that can satisfy `ip = IP and port = PORT`, like [`View::named`].
    #[must_use]
    pub fn at_address(&self, ip: &str, port: &str) -> Vec<&Arc<Entry>> {
        self.index.find(&index::addresses(ip, port))
    }

    /// Returns the operators of a cluster, in ledger order.
    #[must_use]
    pub fn serving(&self, cluster: &str) -> Vec<&Arc<Entry>> {
        self.index.find(&[index::serving(cluster)])
    }

    /// Returns the policies whose `parent` is the id, in ledger order.
    #[must_use]
    pub fn children_of(&self, id: &str) -> Vec<&Arc<Entry>> {
        self.index.find(&[index::children(id)])
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

    /// Tells whether the table has rows.
    #[must_use]
    pub fn has_rows(&self) -> bool {
        self.order.get_min().is_some_and(|ranked| ranked.0.place == Place::Table)
    }

    /// Returns the last entry in ledger order.
    #[must_use]
    pub fn last(&self) -> Option<&Arc<Entry>> {
        self.order.get_max().map(|ranked| &ranked.0)
    }

    /// Returns the highest `sequence_id` that a row of this view or of one before it had.
    #[must_use]
    pub fn last_sequence(&self) -> i64 {
        self.last_sequence
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
        if let Some(old) = self.ids.insert(Arc::clone(&entry.id), Arc::clone(&entry)) {
            self.take_out(&old);
        }
        if entry.place == Place::Table {
            self.last_sequence = self.last_sequence.max(entry.sequence);
        }
        let ranked = Ranked(Arc::clone(&entry));
        self.remember(&ranked);
        self.order.insert(ranked.clone());
        if !entry.valid {
            return;
        }
        self.kinds.entry(Arc::clone(&entry.kind)).or_default().insert(ranked);
        if let Some(facts) = facts {
            self.index.add(&entry, facts);
        }
    }

    /// Shows the row with an id as every other row from now on.
    pub(super) fn settle(&mut self, id: &str) {
        if let Some(entry) = self.ids.get(id).filter(|entry| entry.unsettled).cloned() {
            self.insert(Arc::new(entry.settled()));
        }
    }

    /// Removes the entry with an id and returns it.
    pub(super) fn remove(&mut self, id: &str) -> Option<Arc<Entry>> {
        let entry = self.ids.remove(id)?;
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

    /// Remembers a change; the first version, which nothing comes before, has none.
    fn remember(&mut self, ranked: &Ranked) {
        if self.generation == 0 {
            return;
        }
        if self.changes.len() >= REMEMBERED_CHANGES {
            self.forgotten = self.changes.pop_front().map_or(self.forgotten, |(at, _)| at);
        }
        self.changes.push_back((self.generation, ranked.clone()));
    }

    fn take_out(&mut self, entry: &Arc<Entry>) {
        let ranked = Ranked(Arc::clone(entry));
        self.remember(&ranked);
        self.order.remove(&ranked);
        if let Some(set) = self.kinds.get_mut(&entry.kind) {
            set.remove(&ranked);
            if set.is_empty() {
                self.kinds.remove(&entry.kind);
            }
        }
        if let Some(facts) = Facts::read_lenient(&entry.text) {
            self.index.remove(entry, &facts);
        }
    }
}

impl Known for View {
    fn all(&self) -> Policies<'_> {
        Box::new(self.iter().filter_map(|entry| entry.policy()))
    }

    fn of_type<'a>(&'a self, kind: &str) -> Policies<'a> {
        Box::new(Self::of_type(self, kind).filter_map(|entry| entry.policy()))
    }

    fn by_id<'a>(&'a self, id: &str) -> Option<&'a Policy> {
        Self::by_id(self, id).and_then(|entry| entry.policy())
    }

    fn named<'a>(&'a self, kind: &str, name: &str) -> Policies<'a> {
        let name = name.to_owned();
        policies(Self::named(self, kind, &name), move |policy| policy.has("name", &name))
    }

    fn at_address<'a>(&'a self, kind: &str, ip: &str, port: &str) -> Policies<'a> {
        let (kind, ip, port) = (kind.to_owned(), ip.to_owned(), port.to_owned());
        let found = Self::at_address(self, &ip, &port);
        policies(found, move |policy| policy.kind() == kind && policy.has("ip", &ip) && policy.has("port", &port))
    }

    fn serving<'a>(&'a self, cluster: &str) -> Policies<'a> {
        policies(Self::serving(self, cluster), |_| true)
    }

    fn children<'a>(&'a self, id: &str) -> Policies<'a> {
        policies(self.children_of(id), |policy| policy.kind() != "cluster")
    }
}

fn policies<'a>(found: Vec<&'a Arc<Entry>>, wanted: impl Fn(&Policy) -> bool + 'a) -> Policies<'a> {
    Box::new(found.into_iter().filter_map(|entry| entry.policy()).filter(move |policy| wanted(policy)))
}

/// The view does not remember what changed so long ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Forgotten;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{snapshot, store::Row};

    fn add(view: &mut View, sequence: i64, text: &str) {
        let id = Facts::read(text).unwrap().id.unwrap();
        let row = Row { sequence, id, date: "d".to_owned(), host: "h".to_owned(), text: text.to_owned() };
        view.insert(Arc::new(snapshot::entry(row)));
    }

    fn ids<'a>(found: impl IntoIterator<Item = &'a Policy>) -> Vec<String> {
        found.into_iter().filter_map(Policy::id).collect()
    }

    fn sample() -> View {
        let mut view = View::default();
        add(&mut view, 3, r#"{"operator": {"name": "Op", "ip": "10.0.0.1", "port": 7, "cluster": "c", "id": "c3"}}"#);
        add(&mut view, 1, r#"{"operator": {"name": "*", "ip": "10.0.0.1", "port": "7", "cluster": "c", "id": "a1"}}"#);
        add(&mut view, 2, r#"{"operator": {"name": ["op"], "ip": "*", "port": 7, "cluster": "x", "id": "b2"}}"#);
        add(&mut view, 4, r#"{"uns": {"name": "op", "parent": "a1", "id": "d4"}}"#);
        add(&mut view, 5, r#"{"cluster": {"name": "op", "parent": "a1", "id": "e5"}}"#);
        view
    }

    #[test]
    fn look_ups_give_ledger_order_and_values_that_match_anything() {
        let view = sample();
        assert_eq!(ids(Known::named(&view, "operator", "oP")), ["a1", "b2", "c3"]);
        assert_eq!(ids(Known::named(&view, "operator", "other")), ["a1"]);
        assert_eq!(ids(Known::at_address(&view, "operator", "10.0.0.1", "7")), ["a1", "b2", "c3"]);
        assert_eq!(ids(Known::at_address(&view, "operator", "10.0.0.1", "07")), ["b2", "c3"]);
        assert_eq!(ids(Known::serving(&view, "c")), ["a1", "c3"]);
        assert_eq!(ids(Known::children(&view, "a1")), ["d4"]);
        assert_eq!(ids(Known::of_type(&view, "operator")), ["a1", "b2", "c3"]);
    }

    #[test]
    fn what_is_removed_is_found_by_nothing() {
        let mut view = sample();
        for id in ["a1", "b2", "c3", "d4", "e5"] {
            assert!(view.remove(id).is_some());
        }
        assert!(view.is_empty() && view.types().next().is_none());
        assert!(Known::named(&view, "operator", "op").next().is_none());
        assert!(Known::at_address(&view, "operator", "10.0.0.1", "7").next().is_none());
    }

    #[test]
    fn a_version_stays_as_it_is() {
        let before = sample();
        let mut after = before.clone();
        after.advance();
        after.remove("a1");
        assert_eq!((before.len(), after.len()), (5, 4));
        assert_eq!(after.changed_since(before.generation()), Ok(before.by_id("a1").cloned().map(Ranked)));
    }
}
