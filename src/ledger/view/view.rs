//! The policies in memory: immutable, indexed, and cheap to change into the next version.

use crate::{
    ledger::view::{
        content::ContentSum,
        entry::{LedgerEntry, LocalUntil, Location, Position},
        fields::PolicyFields,
        index::{Index, IndexKey},
        order::InLedgerOrder,
    },
    policy::{Candidate, Candidates, Known, Policies, Policy, PolicyRef, matching::same_text},
};
use imbl::{OrdMap, OrdSet, Vector};
use std::{ops::Bound, sync::Arc};

/// How many changes a view remembers, so that an export can start from the one before.
const REMEMBERED_CHANGES: usize = 4096;

/// One version of the policies. A clone shares everything with its original, and a change copies only what it changes.
#[derive(Clone, Debug, Default)]
pub struct View {
    pub(super) order: OrdSet<InLedgerOrder>,
    pub(super) kinds: OrdMap<Arc<str>, OrdSet<InLedgerOrder>>,
    pub(super) index: Index,
    pub(super) faulty: OrdSet<InLedgerOrder>,
    pub(super) bytes: u64,
    pub(super) content: ContentSum,
    generation: u64,
    changes: Vector<(u64, InLedgerOrder)>,
    forgotten: u64,
    pub(super) last_sequence: i64,
    /// Until when the rows that are published now read as local.
    local_until: LocalUntil,
}

impl View {
    /// Returns all policies in ledger order: `date`, then `sequence_id`, then those only the local file has.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<LedgerEntry>> + '_ {
        self.order.iter().map(|position| &position.0).filter(|entry| entry.valid)
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

    /// Returns the bytes of the texts of all entries.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Returns what is stored of the policies of the view, in a few bytes: another view has the same exactly if it has the same
    /// policies at the same places, also on another master and after a restart.
    #[must_use]
    pub const fn content(&self) -> ContentSum {
        self.content
    }

    /// Returns the policy with an id.
    #[must_use]
    pub fn by_id(&self, id: &str) -> Option<&Arc<LedgerEntry>> {
        self.index.under(&IndexKey::id(id)).find(|entry| *entry.id == *id)
    }

    /// Returns the policies of a type in ledger order; types are case sensitive (reference/ledger 1.1).
    pub fn of_type(&self, kind: &str) -> impl Iterator<Item = &Arc<LedgerEntry>> + '_ {
        self.kinds.get(kind).into_iter().flat_map(|set| set.iter()).map(|position| &position.0)
    }

    /// Returns the policies behind a position in ledger order, of a type or of all.
    pub fn listed(
        &self,
        kind: Option<&str>,
        after: Option<Position>,
    ) -> Box<dyn Iterator<Item = &Arc<LedgerEntry>> + '_> {
        let set = match kind {
            None => Some(&self.order),
            Some(kind) => self.kinds.get(kind),
        };
        let Some(set) = set else { return Box::new(std::iter::empty()) };
        let policies = |position: &InLedgerOrder| position.0.valid;
        match after {
            None => Box::new(set.iter().filter(move |at| policies(at)).map(|at| &at.0)),
            Some(after) => {
                let last = InLedgerOrder(Arc::new(LedgerEntry::at(after)));
                let behind = set.range((Bound::Excluded(last), Bound::Unbounded));
                Box::new(behind.filter(move |at| policies(at)).map(|at| &at.0))
            }
        }
    }

    /// Returns the number of policies of a type.
    #[must_use]
    pub fn count_of(&self, kind: &str) -> usize {
        self.kinds.get(kind).map_or(0, OrdSet::len)
    }

    /// Returns the rows with which something is wrong, in ledger order.
    pub fn faulty(&self) -> impl ExactSizeIterator<Item = &Arc<LedgerEntry>> + '_ {
        self.faulty.iter().map(|position| &position.0)
    }

    /// Returns the types in use.
    pub fn types(&self) -> impl Iterator<Item = &Arc<str>> + '_ {
        self.kinds.keys()
    }

    /// Returns, in ledger order, every policy of a type that can satisfy `name = text`: those with that text as name in
    /// any case, and those whose name is no plain text. The caller still applies the condition.
    #[must_use]
    pub fn named(&self, kind: &str, name: &str) -> Vec<&Arc<LedgerEntry>> {
        self.index.find(&IndexKey::names(kind, name))
    }

    /// Returns, in ledger order, every policy that can satisfy `ip = IP and port = PORT`, like [`View::named`].
    #[must_use]
    pub fn at_address(&self, ip: &str, port: &str) -> Vec<&Arc<LedgerEntry>> {
        self.index.find(&IndexKey::addresses(ip, port))
    }

    /// Returns the operators of a cluster, in ledger order; the case of its id does not count, as in the rules of operators.
    #[must_use]
    pub fn operators_of(&self, cluster: &str) -> Vec<&Arc<LedgerEntry>> {
        self.naming(&IndexKey::cluster(cluster), |policy| serves(policy, cluster))
    }

    /// Returns the policies whose `parent` is the id, in ledger order.
    #[must_use]
    pub fn children_of(&self, id: &str) -> Vec<&Arc<LedgerEntry>> {
        self.naming(&IndexKey::Parent(id), |policy| policy.text("parent") == Some(id))
    }

    fn naming(&self, key: &IndexKey<'_>, names: impl Fn(&Policy) -> bool) -> Vec<&Arc<LedgerEntry>> {
        let is_wanted = |entry: &&Arc<LedgerEntry>| entry.policy().is_some_and(|policy| names(&policy));
        self.index.under(key).filter(is_wanted).collect()
    }

    /// Returns the number of this version; it grows with every published change.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Returns every entry from a place in ledger order on, rows that are no policies included.
    pub fn entries_from(&self, first: Option<&InLedgerOrder>) -> Box<dyn Iterator<Item = &Arc<LedgerEntry>> + '_> {
        match first {
            None => Box::new(self.order.iter().map(|position| &position.0)),
            Some(first) => Box::new(self.order.range(first.clone()..).map(|position| &position.0)),
        }
    }

    /// Tells whether the table has rows.
    #[must_use]
    pub fn has_rows(&self) -> bool {
        self.order.get_min().is_some_and(|first| first.0.location == Location::Table)
    }

    /// Returns the last entry in ledger order.
    #[must_use]
    pub fn last(&self) -> Option<&Arc<LedgerEntry>> {
        self.order.get_max().map(|position| &position.0)
    }

    /// Returns the highest `sequence_id` that a row of this view or of one before it had.
    #[must_use]
    pub fn last_sequence(&self) -> i64 {
        self.last_sequence
    }

    /// Returns the entries that only the local file has, in the order of its lines.
    pub fn lines(&self) -> impl Iterator<Item = &Arc<LedgerEntry>> + '_ {
        let first = LedgerEntry::before_first_line();
        self.order.range(InLedgerOrder(Arc::new(first))..).map(|position| &position.0)
    }

    /// Returns the first place in ledger order that changed after a version; an error when that is no longer known.
    pub(crate) fn changed_since(&self, generation: u64) -> Result<Option<InLedgerOrder>, Forgotten> {
        if generation == self.generation {
            return Ok(None);
        }
        if generation < self.forgotten || generation > self.generation {
            return Err(Forgotten);
        }
        let later = self.changes.iter().rev().take_while(|(at, _)| *at > generation);
        Ok(later.map(|(_, position)| position).min().cloned())
    }

    /// Adds an entry; one with the same id that is there already is replaced.
    pub(crate) fn insert(&mut self, entry: Arc<LedgerEntry>) {
        let fields = PolicyFields::read_lenient(&entry.text);
        self.insert_with_fields(entry, fields.as_ref());
    }

    /// Adds an entry whose fields are known.
    pub(crate) fn insert_with_fields(&mut self, entry: Arc<LedgerEntry>, fields: Option<&PolicyFields>) {
        drop(self.remove(&entry.id));
        if entry.location == Location::Table {
            self.last_sequence = self.last_sequence.max(entry.sequence);
        }
        self.bytes = self.bytes.saturating_add(entry.text.len() as u64);
        self.content.add(&entry);
        let position = InLedgerOrder(Arc::clone(&entry));
        self.remember(&position);
        self.order.insert(position.clone());
        if entry.fault.is_some() {
            self.faulty.insert(position.clone());
        }
        self.index.add(&entry, fields.filter(|_| entry.valid));
        if entry.valid {
            self.kinds.entry(Arc::clone(&entry.kind)).or_default().insert(position);
        }
    }

    /// Removes the entry with an id and returns it.
    pub(crate) fn remove(&mut self, id: &str) -> Option<Arc<LedgerEntry>> {
        let entry = Arc::clone(self.by_id(id)?);
        self.remove_from_indexes(&entry);
        Some(entry)
    }

    /// Returns what ends the time in which a row that is published now reads as local.
    pub(crate) const fn local_until(&self) -> &LocalUntil {
        &self.local_until
    }

    /// Lets all rows read as they are stored.
    pub(crate) fn end_local(&mut self) {
        std::mem::take(&mut self.local_until).end();
    }

    /// Begins the next version: the changes that follow belong to it.
    pub(crate) fn advance(&mut self) {
        self.generation += 1;
    }

    /// Numbers this view as the version after another one, without knowing what differs between them.
    pub(crate) fn follow(&mut self, previous: u64) {
        self.generation = previous + 1;
        self.forgotten = self.generation;
        self.changes = Vector::new();
    }

    /// Remembers a change. Nothing comes before the first version, so its changes are of no use to anybody.
    fn remember(&mut self, position: &InLedgerOrder) {
        if self.generation == 0 {
            return;
        }
        if self.changes.len() >= REMEMBERED_CHANGES {
            self.forgotten = self.changes.pop_front().map_or(self.forgotten, |(at, _)| at);
        }
        self.changes.push_back((self.generation, position.clone()));
    }

    fn remove_from_indexes(&mut self, entry: &Arc<LedgerEntry>) {
        let position = InLedgerOrder(Arc::clone(entry));
        self.remember(&position);
        self.order.remove(&position);
        self.bytes = self.bytes.saturating_sub(entry.text.len() as u64);
        self.content.remove(entry);
        if entry.fault.is_some() {
            self.faulty.remove(&position);
        }
        if let Some(set) = self.kinds.get_mut(&entry.kind) {
            set.remove(&position);
            if set.is_empty() {
                self.kinds.remove(&entry.kind);
            }
        }
        let fields = PolicyFields::read_lenient(&entry.text).filter(|_| entry.valid);
        self.index.remove(entry, fields.as_ref());
    }
}

impl Known for View {
    fn all(&self) -> Policies<'_> {
        Box::new(self.iter().filter_map(read))
    }

    fn of_type<'a>(&'a self, kind: &str) -> Policies<'a> {
        Box::new(Self::of_type(self, kind).filter_map(read))
    }

    fn candidates<'a>(&'a self, kind: Option<&str>) -> Candidates<'a> {
        Box::new(self.listed(kind, None).map(|entry| Candidate::Unread(entry.unread())))
    }

    fn by_id<'a>(&'a self, id: &str) -> Option<PolicyRef<'a>> {
        Self::by_id(self, id).and_then(read)
    }

    fn with_id<'a>(&'a self, id: &str) -> Policies<'a> {
        let id = id.to_owned();
        policies(self.index.find(&IndexKey::ids(&id)), move |policy| policy.has("id", &id))
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
        let cluster = cluster.to_owned();
        let found = self.index.find(&[IndexKey::cluster(&cluster)]);
        policies(found, move |policy| serves(policy, &cluster))
    }

    fn children<'a>(&'a self, id: &str) -> Policies<'a> {
        let id = id.to_owned();
        let mut found = self.index.find(&[IndexKey::Parent(&id)]);
        found.retain(|entry| *entry.kind != *"cluster");
        policies(found, move |policy| policy.text("parent") == Some(&id))
    }
}

/// Tells whether an operator names a cluster, in whatever case.
fn serves(operator: &Policy, cluster: &str) -> bool {
    operator.text("cluster").is_some_and(|own| same_text(own, cluster))
}

fn read<'a>(entry: &Arc<LedgerEntry>) -> Option<PolicyRef<'a>> {
    entry.policy().map(PolicyRef::from)
}

fn policies<'a>(found: Vec<&'a Arc<LedgerEntry>>, wanted: impl Fn(&Policy) -> bool + 'a) -> Policies<'a> {
    Box::new(found.into_iter().filter_map(read).filter(move |policy| wanted(policy)))
}

/// The view does not remember what changed so long ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Forgotten;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn add(view: &mut View, sequence: i64, text: &str) {
        let fields = PolicyFields::read(text).unwrap();
        let id = fields.id.clone().unwrap();
        let at = Position { date: "d".into(), sequence, location: Location::Table };
        view.insert(Arc::new(LedgerEntry::new(text.into(), id.into(), "h".into(), at, Some(&fields))));
    }

    fn ids(found: Policies<'_>) -> Vec<String> {
        found.filter_map(|policy| policy.id()).collect()
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
        assert_eq!(ids(Known::serving(&view, "C")), ["a1", "c3"], "the case of an id does not count");
        let operators: Vec<&str> = view.operators_of("C").into_iter().map(|entry| &*entry.id).collect();
        assert_eq!(operators, ["a1", "c3"]);
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
    fn a_list_goes_on_behind_a_position() {
        let view = sample();
        let ids = |kind, after| view.listed(kind, after).map(|entry| entry.id.to_string()).collect::<Vec<_>>();
        let behind = |sequence| Some(Position { date: "d".into(), sequence, location: Location::Table });
        assert_eq!(ids(None, None), ["a1", "b2", "c3", "d4", "e5"]);
        assert_eq!(ids(Some("operator"), behind(1)), ["b2", "c3"]);
        assert_eq!(ids(None, behind(4)), ["e5"]);
        assert!(ids(Some("none"), None).is_empty());
        let mut later = view.clone();
        later.remove("b2");
        assert_eq!(later.listed(Some("operator"), behind(2)).count(), 1, "also when what stood there is gone");
    }

    #[test]
    fn a_version_stays_as_it_is() {
        let before = sample();
        let mut after = before.clone();
        after.advance();
        after.remove("a1");
        assert_eq!((before.len(), after.len()), (5, 4));
        assert_eq!(after.changed_since(before.generation()), Ok(before.by_id("a1").cloned().map(InLedgerOrder)));
    }

    /// A policy whose attributes meet those of others, and values that equal several texts.
    fn body() -> impl Strategy<Value = (String, String)> {
        let name = "\"[aA]\"|\"[*]\"|\\[\"a\"\\]|1|null|";
        let (ip, port) = ("\"10[.]0[.]0[.]1\"|\"[*]\"|\"Host\"|7|", "7|\"7\"|\"07\"|7[.]0|\"[*]\"|");
        let link = "\"[a-dAB]\"|5|";
        ("operator|device|cluster", name, ip, port, link, link).prop_map(|(kind, name, ip, port, cluster, parent)| {
            let all = [("name", name), ("ip", ip), ("port", port), ("cluster", cluster), ("parent", parent)];
            let there = all.into_iter().filter(|(_, value)| !value.is_empty());
            (kind, there.map(|(key, value)| format!("\"{key}\": {value}, ")).collect())
        })
    }

    /// An id as it stands in a text.
    fn id() -> impl Strategy<Value = String> {
        "\"[a-hAä\u{c4}*]\"|5|5[.]0|true|\\[\"a\"\\]"
    }

    /// Returns an id as its column has it.
    fn column(id: &str) -> String {
        id.trim_matches('"').to_owned()
    }

    /// Returns what a set of policies says to every question.
    fn answers(known: &dyn Known) -> Vec<Vec<String>> {
        let texts = |found: Policies<'_>| found.map(|policy| policy.stored_text()).collect::<Vec<_>>();
        let mut answers = vec![texts(known.all())];
        for kind in ["operator", "device", "cluster", "none"] {
            answers.push(texts(known.of_type(kind)));
            answers.extend(["a", "A", "1", "x"].map(|name| texts(known.named(kind, name))));
            for ip in ["10.0.0.1", "host", "7"] {
                answers.extend(["7", "07", "7.0"].map(|port| texts(known.at_address(kind, ip, port))));
            }
        }
        for id in ["a", "A", "h", "ä", "\u{c4}", "5", "05", "5.0", "true", "1", "*", "x"] {
            answers.push(texts(known.with_id(id)));
        }
        for id in ["a", "b", "c", "d", "5"] {
            answers.extend([texts(known.serving(id)), texts(known.children(id))]);
            answers.push(known.by_id(id).map(|policy| policy.stored_text()).into_iter().collect());
        }
        answers.extend(["A", "C"].map(|cluster| texts(known.serving(cluster))));
        answers
    }

    proptest! {
        #[test]
        fn look_ups_answer_like_a_plain_list(
            steps in proptest::collection::vec((id(), 0..4_u8, proptest::option::of(body())), 0..40),
        ) {
            let (mut view, mut rows) = (View::default(), BTreeMap::new());
            for (sequence, (id, day, step)) in (1..).zip(steps) {
                view.advance();
                rows.retain(|_, (there, _)| *there != id);
                match step {
                    None => drop(view.remove(&column(&id))),
                    Some((kind, body)) => {
                        let text = format!("{{\"{kind}\": {{{body}\"id\": {id}}}}}");
                        let at = Position { date: day.to_string().into(), sequence, location: Location::Table };
                        let (fields, key) = (PolicyFields::read(&text), column(&id).into());
                        let entry = LedgerEntry::new(text.as_str().into(), key, "h".into(), at, fields.as_ref());
                        view.insert(Arc::new(entry));
                        rows.insert((day, sequence), (id, text));
                    }
                }
            }
            let list: Vec<Policy> = rows.values().map(|(_, text)| Policy::parse(text).unwrap()).collect();
            prop_assert_eq!(answers(&view), answers(&list));
            prop_assert_eq!(view.len(), list.len());
            prop_assert_eq!(view.bytes(), rows.values().map(|(_, text)| text.len() as u64).sum::<u64>());
        }
    }
}
