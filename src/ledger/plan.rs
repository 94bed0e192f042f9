//! One transaction in the making: changes validated in order against the view and against each other.

use crate::{
    ledger::{
        change::{Change, Check, Duplicate, Insert, Written},
        entry::{Entry, Place, Position},
        error::Error,
        facts::Facts,
        store::{Batch, Committed, Deed, Engine, HistoryRow, NewRow},
        view::View,
    },
    policy::{Policy, rules},
    runtime::random::any_number,
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// What will happen to the view when the transaction is committed, in order.
#[derive(Clone, Debug)]
enum Step {
    Put { entry: Arc<Entry>, facts: Arc<Facts> },
    Remove { entry: Arc<Entry> },
}

/// A policy as a row, with what the indexes need to know of it.
struct Candidate {
    row: NewRow,
    facts: Facts,
}

/// What one change of the plan leads to.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    steps: Vec<Step>,
    /// An error that stands although the steps before it are done (a list of ids with a missing one).
    error: Option<Error>,
    /// True when the id was there and the change asks for nothing then.
    ignored: bool,
}

/// Changes that go into one transaction.
pub(super) struct Plan {
    working: View,
    /// The last policy of the plan, which nothing has looked for yet.
    last: Option<(Arc<Entry>, Arc<Facts>)>,
    engine: Engine,
    touched: HashSet<String>,
    batch: Arc<Batch>,
    lines: String,
    time: String,
}

/// The change cannot be in the same transaction as those before it.
pub(super) struct Later;

impl Plan {
    /// Starts a plan on a version of the view and of the table.
    pub(super) fn new(view: &View, version: i64, engine: Engine, time: String) -> Self {
        let batch = Arc::new(Batch { version, ..Batch::default() });
        let mut working = view.clone();
        working.advance();
        Self { working, last: None, engine, touched: HashSet::new(), batch, lines: String::new(), time }
    }

    /// Returns what the database has to do.
    pub(super) fn batch(&self) -> &Arc<Batch> {
        &self.batch
    }

    /// Returns the lines to add to the local file.
    pub(super) fn lines(&self) -> &str {
        &self.lines
    }

    /// Tells whether the database has anything to do.
    pub(super) fn needs_table(&self) -> bool {
        !self.batch.history.is_empty()
    }

    /// Tells whether nothing changes, neither rows nor lines.
    pub(super) fn is_empty(&self) -> bool {
        self.touched.is_empty()
    }

    /// Returns the view after the plan when the database put every row where the plan expected it.
    pub(super) fn view_of(mut self, placed: &Places) -> Option<View> {
        self.settle();
        let rows = self.batch.inserts.iter().chain(&self.batch.updates);
        let as_planned = |row: &NewRow| {
            let (entry, place) = (self.working.by_id(&row.id), placed.get(&row.id));
            entry.zip(place).is_some_and(|(entry, (at, date))| *at == entry.sequence && **date == *entry.date)
        };
        let fits = self.lines.is_empty() && rows.into_iter().all(as_planned);
        fits.then_some(self.working)
    }

    /// Puts the last policy into the view of the plan: time for that is while the database writes.
    pub(super) fn settle(&mut self) {
        if let Some((entry, facts)) = self.last.take() {
            self.working.insert_known(entry, Some(&facts));
        }
    }

    /// Validates a change and adds it.
    pub(super) fn add(&mut self, change: &Change, who: &str) -> Result<Result<Planned, Error>, Later> {
        self.settle();
        match change {
            Change::Insert(insert) => self.insert(insert, who, false),
            Change::Publish(insert) => self.insert(insert, who, true),
            Change::InsertLocal { policy, check } => self.insert_local(policy, *check),
            Change::Replace { id, policy, host, check } => self.replace(id, policy, host, *check, who),
            Change::Drop { ids } => self.drop_rows(ids, who),
            Change::DropSome { ids } => self.drop_some(ids, who),
            Change::DropHost { host } => self.drop_host(host, who),
        }
    }

    fn insert(&mut self, insert: &Insert, who: &str, unsettled: bool) -> Result<Result<Planned, Error>, Later> {
        let candidate = match Candidate::of(&insert.policy, &insert.host) {
            Ok(candidate) => candidate,
            Err(error) => return Ok(Err(error)),
        };
        self.free(&candidate.row.id)?;
        // Who publishes names a policy of its own copy: one that is there in any form is refused (reference/ledger 3.5).
        let in_the_way = |entry: &&Arc<Entry>| unsettled || entry.place == Place::Table;
        if let Some(there) = self.working.by_id(&candidate.row.id).filter(in_the_way) {
            return Ok(match insert.duplicate {
                Duplicate::Ignore => Ok(Planned { steps: Vec::new(), error: None, ignored: true }),
                Duplicate::Refuse => Err(self.clash(&insert.policy, insert.check, there)),
            });
        }
        let candidate = match self.checked(&insert.policy, insert.check, candidate) {
            Ok(candidate) => candidate,
            Err(error) => return Ok(Err(error)),
        };
        self.note(who, Deed::Insert, &candidate.row, None);
        self.batch_mut().inserts.push(candidate.row.clone());
        let sequence = self.working.last_sequence().saturating_add(1);
        let date = Arc::from(self.engine.date_column(&candidate.row.date));
        Ok(Ok(self.put(candidate, Position { date, sequence, place: Place::Table }, unsettled)))
    }

    fn insert_local(&mut self, policy: &Policy, check: Check) -> Result<Result<Planned, Error>, Later> {
        let candidate = match Candidate::of(policy, "") {
            Ok(candidate) => candidate,
            Err(error) => return Ok(Err(error)),
        };
        self.free(&candidate.row.id)?;
        if let Some(there) = self.working.by_id(&candidate.row.id) {
            return Ok(Err(self.clash(policy, check, there)));
        }
        let candidate = match self.checked(policy, check, candidate) {
            Ok(candidate) => candidate,
            Err(error) => return Ok(Err(error)),
        };
        self.lines.push_str(&candidate.row.text);
        self.lines.push('\n');
        let at = next_line(&self.working);
        Ok(Ok(self.put(candidate, at, false)))
    }

    fn replace(
        &mut self,
        id: &str,
        policy: &Policy,
        host: &str,
        check: Check,
        who: &str,
    ) -> Result<Result<Planned, Error>, Later> {
        self.free(id)?;
        let candidate = match Candidate::of(policy, host) {
            Ok(candidate) => candidate,
            Err(error) => return Ok(Err(error)),
        };
        let kind = &candidate.row.kind;
        let there = self.working.by_id(id).filter(|entry| entry.place == Place::Table && *entry.kind == **kind);
        let Some(there) = there.cloned() else { return Ok(Err(Error::Missing(id.to_owned()))) };
        self.working.remove(id);
        let candidate = match self.checked(policy, check, candidate) {
            Ok(candidate) => candidate,
            Err(error) => {
                self.working.insert(there);
                return Ok(Err(error));
            }
        };
        self.note(who, Deed::Replace, &candidate.row, Some(there.text.to_string()));
        self.batch_mut().updates.push(candidate.row.clone());
        let date = match self.engine.date_column(&candidate.row.date) {
            "" => Arc::clone(&there.date),
            date => Arc::from(date),
        };
        Ok(Ok(self.put(candidate, Position { date, sequence: there.sequence, place: Place::Table }, false)))
    }

    fn drop_rows(&mut self, ids: &[String], who: &str) -> Result<Result<Planned, Error>, Later> {
        for id in ids {
            self.free(id)?;
        }
        let mut planned = Planned { steps: Vec::new(), error: None, ignored: false };
        if let Some(missing) = ids.iter().find(|id| !self.drop_one(id, who, &mut planned)) {
            planned.error = Some(Error::Missing(missing.clone()));
        }
        Ok(Ok(planned))
    }

    fn drop_some(&mut self, ids: &[String], who: &str) -> Result<Result<Planned, Error>, Later> {
        for id in ids {
            self.free(id)?;
        }
        let mut planned = Planned { steps: Vec::new(), error: None, ignored: false };
        let missing: Vec<&str> =
            ids.iter().filter(|id| !self.drop_one(id, who, &mut planned)).map(String::as_str).collect();
        planned.error = match missing.first() {
            None => None,
            Some(first) if missing.len() == ids.len() => Some(Error::Missing((*first).to_owned())),
            Some(_) => Some(Error::Subset(missing.join(", "))),
        };
        Ok(Ok(planned))
    }

    /// Removes a policy from the table, or from the local file when only that has it; false when it is not there.
    fn drop_one(&mut self, id: &str, who: &str, planned: &mut Planned) -> bool {
        match self.working.by_id(id).cloned() {
            None => return false,
            Some(entry) if entry.place == Place::Table => self.take(&entry, who, planned),
            Some(entry) => self.take_line(&entry, planned),
        }
        true
    }

    fn drop_host(&mut self, host: &str, who: &str) -> Result<Result<Planned, Error>, Later> {
        let all = self.working.entries_from(None).filter(|entry| entry.place == Place::Table && *entry.host == *host);
        let found: Vec<Arc<Entry>> = all.cloned().collect();
        for entry in &found {
            self.free(&entry.id)?;
        }
        if found.is_empty() {
            return Ok(Err(Error::MissingHost(host.to_owned())));
        }
        let mut planned = Planned { steps: Vec::new(), error: None, ignored: false };
        for entry in &found {
            self.take(entry, who, &mut planned);
        }
        Ok(Ok(planned))
    }

    fn take(&mut self, entry: &Arc<Entry>, who: &str, planned: &mut Planned) {
        let row = NewRow { kind: entry.kind.to_string(), id: entry.id.to_string(), ..NewRow::default() };
        self.note(who, Deed::Drop, &row, Some(entry.text.to_string()));
        self.batch_mut().deletes.push(row.id);
        self.forget(entry, planned);
    }

    /// Forgets a policy that only the local file has; a line at the end of the file says so.
    fn take_line(&mut self, entry: &Arc<Entry>, planned: &mut Planned) {
        self.lines.push_str(&deleted_line(&entry.id));
        self.forget(entry, planned);
    }

    fn forget(&mut self, entry: &Arc<Entry>, planned: &mut Planned) {
        self.touched.insert(entry.id.to_string());
        self.working.remove(&entry.id);
        planned.steps.push(Step::Remove { entry: Arc::clone(entry) });
    }

    fn put(&mut self, candidate: Candidate, at: Position, unsettled: bool) -> Planned {
        let Candidate { row, facts } = candidate;
        let mut entry = Entry::new(row.text.into(), row.id.as_str().into(), row.host.into(), at, Some(&facts));
        entry.unsettled = unsettled;
        let entry = Arc::new(entry);
        self.touched.insert(row.id);
        let facts = Arc::new(facts);
        self.last = Some((Arc::clone(&entry), Arc::clone(&facts)));
        Planned { steps: vec![Step::Put { entry, facts }], error: None, ignored: false }
    }

    /// Returns why a policy whose id is there is refused: the rules of its type come before the id.
    fn clash(&self, policy: &Policy, check: Check, there: &Entry) -> Error {
        match check {
            Check::Nothing | Check::Structure => duplicate(there),
            Check::Rules | Check::Publish | Check::Added | Check::Local => {
                rules::check(&mut policy.clone(), &self.working, any_number)
                    .map_or_else(Error::from, |()| duplicate(there))
            }
        }
    }

    /// Applies the rules that a change asks for; the policy may get attributes by them.
    fn checked(&self, policy: &Policy, check: Check, candidate: Candidate) -> Result<Candidate, Error> {
        let mut checked = policy.clone();
        match check {
            Check::Nothing => return Ok(candidate),
            Check::Structure => {
                rules::admissible(policy, &self.working)?;
                return Ok(candidate);
            }
            Check::Added => rules::check(&mut checked, &self.working, any_number)?,
            Check::Local => {
                checked.set_ledger("local");
                rules::check(&mut checked, &self.working, any_number)?;
            }
            Check::Rules => self.complete(&mut checked)?,
            Check::Publish => {
                self.complete(&mut checked)?;
                checked.set_ledger("global");
            }
        }
        // Publishing may put `ledger` elsewhere, which no comparison of attributes shows.
        let unchanged = check != Check::Publish && checked == *policy;
        if unchanged { Ok(candidate) } else { Candidate::of(&checked, &candidate.row.host) }
    }

    /// Applies every rule to a policy of the table.
    fn complete(&self, policy: &mut Policy) -> Result<(), Error> {
        rules::check(policy, &self.working, any_number)?;
        Ok(rules::admissible(policy, &self.working)?)
    }

    /// Adds a line of history; the text that an insert leaves is in its row.
    fn note(&mut self, who: &str, what: Deed, row: &NewRow, before: Option<String>) {
        let time = self.time.clone();
        self.batch_mut().history.push(HistoryRow {
            time,
            who: who.to_owned(),
            what,
            kind: row.kind.clone(),
            id: row.id.clone(),
            before,
            after: (what == Deed::Replace).then(|| row.text.clone()),
        });
    }

    fn batch_mut(&mut self) -> &mut Batch {
        Arc::make_mut(&mut self.batch)
    }

    fn free(&self, id: &str) -> Result<(), Later> {
        if self.touched.contains(id) { Err(Later) } else { Ok(()) }
    }
}

impl Planned {
    /// Returns the policies added, replaced or deleted, as the plan placed them.
    pub(super) fn entries(&self) -> Vec<Arc<Entry>> {
        let entry = |step: &Step| match step {
            Step::Put { entry, .. } | Step::Remove { entry } => Arc::clone(entry),
        };
        self.steps.iter().map(entry).collect()
    }

    /// Carries the steps out on another view, with the places that the database gave the rows.
    pub(super) fn apply(&self, view: &mut View, placed: &Places) -> Vec<Arc<Entry>> {
        self.steps.iter().map(|step| apply_step(step, view, placed)).collect()
    }

    /// Makes the answer of it.
    pub(super) fn written(self, entries: Vec<Arc<Entry>>, generation: u64) -> Result<Written, Error> {
        self.error.map_or(Ok(Written { entries, ignored: self.ignored, generation }), Err)
    }
}

fn apply_step(step: &Step, view: &mut View, placed: &Places) -> Arc<Entry> {
    let (planned, facts) = match step {
        Step::Remove { entry } => {
            view.remove(&entry.id);
            return Arc::clone(entry);
        }
        Step::Put { entry, facts } => (entry, facts),
    };
    let at = match (planned.place, placed.get(&*planned.id)) {
        (Place::File, _) => next_line(view),
        (Place::Table, None) => Position { date: Arc::clone(&planned.date), sequence: 0, place: Place::Table },
        (Place::Table, Some((sequence, date))) => {
            Position { date: date.as_str().into(), sequence: *sequence, place: Place::Table }
        }
    };
    let (text, id, host) = (Arc::clone(&planned.text), Arc::clone(&planned.id), Arc::clone(&planned.host));
    let mut entry = Entry::new(text, id, host, at, Some(facts));
    entry.unsettled = planned.unsettled;
    let entry = Arc::new(entry);
    view.insert_known(Arc::clone(&entry), Some(facts));
    entry
}

/// Returns the place of a line after all others of the local file.
fn next_line(view: &View) -> Position {
    let last = view.last().filter(|last| last.place == Place::File);
    let sequence = last.map_or(1, |last| last.sequence.saturating_add(1));
    Position { date: Arc::from(""), sequence, place: Place::File }
}

/// Where the database put rows, by id.
pub(super) type Places = HashMap<String, (i64, String)>;

/// Returns the places of a committed transaction by id.
pub(super) fn places(committed: &Committed) -> Places {
    committed.placed.iter().map(|placed| (placed.id.clone(), (placed.sequence, placed.date.clone()))).collect()
}

impl Candidate {
    /// Makes the row of a policy (reference/ledger 4.3).
    fn of(policy: &Policy, host: &str) -> Result<Self, Error> {
        let facts = Facts::of(policy);
        let id = facts.id.clone().filter(|id| !id.is_empty());
        let row = NewRow {
            kind: facts.kind.clone(),
            id: id.ok_or_else(|| Error::Policy("the policy has no usable id".to_owned()))?,
            company: facts.company.clone(),
            date: facts.date.clone().unwrap_or_default(),
            host: host.to_owned(),
            status: facts.status.clone(),
            text: policy.stored_text(),
        };
        Ok(Self { row, facts })
    }
}

/// Returns the line that marks a deleted policy in the local file (reference/ledger 9.1).
pub(super) fn deleted_line(id: &str) -> String {
    let id = serde_json::Value::from(id);
    format!("{{\"deleted\": {{ \"id\" : {id}, \"ledger\" : \"local\" }}}}\n")
}

fn duplicate(entry: &Entry) -> Error {
    Error::Duplicate { id: entry.id.to_string(), kind: entry.kind.to_string(), host: entry.host.to_string() }
}
