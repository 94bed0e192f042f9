//! One transaction in the making: changes validated in order against the view and against each other.

use super::{
    change::{Change, Check, Duplicate, Insert},
    entry::{Entry, Place, Position},
    error::Error,
    facts::Facts,
    store::{Batch, Committed, HistoryRow, NewRow},
    view::View,
};
use crate::policy::{Policy, rules};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// What will happen to the view when the transaction is committed, in order.
#[derive(Clone, Debug)]
enum Step {
    Put { row: NewRow, place: Place, unsettled: bool },
    Remove { entry: Arc<Entry> },
}

/// What one change of the plan leads to.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    steps: Vec<Step>,
    /// An error that stands although the steps before it are done (a list of ids with a missing one).
    pub(super) error: Option<Error>,
    /// True when the id was there and the change asks for nothing then.
    pub(super) ignored: bool,
}

/// Changes that go into one transaction.
pub(super) struct Plan {
    working: View,
    touched: HashSet<String>,
    batch: Batch,
    lines: String,
    time: String,
    next: i64,
}

/// The change cannot be in the same transaction as those before it.
pub(super) struct Later;

impl Plan {
    /// Starts a plan on a version of the view and of the table.
    pub(super) fn new(view: &View, version: i64, time: String) -> Self {
        let batch = Batch { version, ..Batch::default() };
        Self { working: view.clone(), touched: HashSet::new(), batch, lines: String::new(), time, next: i64::MAX / 2 }
    }

    /// Returns what the database has to do.
    pub(super) fn batch(&self) -> &Batch {
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

    /// Validates a change and adds it.
    pub(super) fn add(&mut self, change: &Change, who: &str) -> Result<Result<Planned, Error>, Later> {
        match change {
            Change::Insert(insert) => self.insert(insert, who, false),
            Change::Publish(insert) => self.insert(insert, who, true),
            Change::InsertLocal { policy, check } => self.insert_local(policy, *check),
            Change::Replace { id, policy, host, check } => self.replace(id, policy, host, *check, who),
            Change::Drop { ids } => self.drop_rows(ids, who),
            Change::DropHost { host } => self.drop_host(host, who),
            Change::DropLocal { ids } => self.drop_local(ids, who),
        }
    }

    fn insert(&mut self, insert: &Insert, who: &str, unsettled: bool) -> Result<Result<Planned, Error>, Later> {
        let row = match row_of(&insert.policy, &insert.host) {
            Ok(row) => row,
            Err(error) => return Ok(Err(error)),
        };
        self.free(&row.id)?;
        if let Some(there) = self.working.by_id(&row.id).filter(|entry| entry.place == Place::Table) {
            return Ok(match insert.duplicate {
                Duplicate::Ignore => Ok(Planned { steps: Vec::new(), error: None, ignored: true }),
                Duplicate::Refuse => Err(duplicate(there)),
            });
        }
        let row = match self.checked(&insert.policy, insert.check, row) {
            Ok(row) => row,
            Err(error) => return Ok(Err(error)),
        };
        self.note(who, "insert", &row, None, Some(row.text.clone()));
        self.batch.inserts.push(row.clone());
        Ok(Ok(self.put(row, Place::Table, unsettled)))
    }

    fn insert_local(&mut self, policy: &Policy, check: Check) -> Result<Result<Planned, Error>, Later> {
        let row = match row_of(policy, "") {
            Ok(row) => row,
            Err(error) => return Ok(Err(error)),
        };
        self.free(&row.id)?;
        if let Some(there) = self.working.by_id(&row.id) {
            return Ok(Err(duplicate(there)));
        }
        let row = match self.checked(policy, check, row) {
            Ok(row) => row,
            Err(error) => return Ok(Err(error)),
        };
        self.lines.push_str(&row.text);
        self.lines.push('\n');
        Ok(Ok(self.put(row, Place::File, false)))
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
        let row = match row_of(policy, host) {
            Ok(row) => row,
            Err(error) => return Ok(Err(error)),
        };
        let there = self.working.by_id(id).filter(|entry| entry.place == Place::Table && *entry.kind == *row.kind);
        let Some(there) = there.cloned() else { return Ok(Err(Error::Missing(id.to_owned()))) };
        self.working.remove(id);
        let row = match self.checked(policy, check, row) {
            Ok(row) => row,
            Err(error) => {
                self.working.insert(there);
                return Ok(Err(error));
            }
        };
        self.note(who, "replace", &row, Some(there.text.to_string()), Some(row.text.clone()));
        self.batch.updates.push(row.clone());
        Ok(Ok(self.put(row, Place::Table, false)))
    }

    fn drop_rows(&mut self, ids: &[String], who: &str) -> Result<Result<Planned, Error>, Later> {
        for id in ids {
            self.free(id)?;
        }
        let mut planned = Planned { steps: Vec::new(), error: None, ignored: false };
        for id in ids {
            match self.working.by_id(id).cloned() {
                Some(entry) if entry.place == Place::Table => self.take(&entry, who, &mut planned),
                Some(entry) => self.take_line(&entry, &mut planned),
                None => {
                    planned.error = Some(Error::Missing(id.clone()));
                    break;
                }
            }
        }
        Ok(Ok(planned))
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

    fn drop_local(&mut self, ids: &[String], who: &str) -> Result<Result<Planned, Error>, Later> {
        for id in ids {
            self.free(id)?;
        }
        let mut planned = Planned { steps: Vec::new(), error: None, ignored: false };
        for id in ids {
            match self.working.by_id(id).cloned() {
                None => return Ok(Err(Error::Missing(id.clone()))),
                Some(entry) if entry.place == Place::Table => self.take(&entry, who, &mut planned),
                Some(entry) => self.take_line(&entry, &mut planned),
            }
        }
        Ok(Ok(planned))
    }

    fn take(&mut self, entry: &Arc<Entry>, who: &str, planned: &mut Planned) {
        let row = NewRow { kind: entry.kind.to_string(), id: entry.id.to_string(), ..NewRow::default() };
        self.note(who, "drop", &row, Some(entry.text.to_string()), None);
        self.batch.deletes.push(row.id);
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

    fn put(&mut self, row: NewRow, place: Place, unsettled: bool) -> Planned {
        self.touched.insert(row.id.clone());
        self.next += 1;
        self.working.insert(Arc::new(entry_of(&row, &row.date, self.next, place)));
        Planned { steps: vec![Step::Put { row, place, unsettled }], error: None, ignored: false }
    }

    /// Applies the rules that a change asks for; the policy may get attributes by them.
    fn checked(&self, policy: &Policy, check: Check, row: NewRow) -> Result<NewRow, Error> {
        match check {
            Check::Nothing => Ok(row),
            Check::Structure => {
                rules::admissible(policy, &self.working)?;
                Ok(row)
            }
            Check::Rules => self.complete(policy.clone(), &row.host),
            Check::Publish => {
                let mut policy = policy.clone();
                policy.remove("ledger");
                rules::check(&mut policy, &self.working, random())?;
                policy.set_ledger("global");
                self.complete(policy, &row.host)
            }
            Check::Local => {
                let mut policy = policy.clone();
                rules::check(&mut policy, &self.working, random())?;
                row_of(&policy, &row.host)
            }
        }
    }

    /// Applies every rule to a policy of the table and returns its row.
    fn complete(&self, mut policy: Policy, host: &str) -> Result<NewRow, Error> {
        rules::check(&mut policy, &self.working, random())?;
        rules::admissible(&policy, &self.working)?;
        row_of(&policy, host)
    }

    fn note(&mut self, who: &str, what: &str, row: &NewRow, before: Option<String>, after: Option<String>) {
        self.batch.history.push(HistoryRow {
            time: self.time.clone(),
            who: who.to_owned(),
            what: what.to_owned(),
            kind: row.kind.clone(),
            id: row.id.clone(),
            before,
            after,
        });
    }

    fn free(&self, id: &str) -> Result<(), Later> {
        if self.touched.contains(id) { Err(Later) } else { Ok(()) }
    }
}

impl Planned {
    /// Carries the steps out on the view, with the places that the database gave the rows.
    pub(super) fn apply(&self, view: &mut View, placed: &Places) -> Vec<Arc<Entry>> {
        self.steps.iter().map(|step| apply_step(step, view, placed)).collect()
    }
}

fn apply_step(step: &Step, view: &mut View, placed: &Places) -> Arc<Entry> {
    match step {
        Step::Remove { entry } => {
            view.remove(&entry.id);
            Arc::clone(entry)
        }
        Step::Put { row, place: Place::File, .. } => {
            let last = view.last().filter(|last| last.place == Place::File);
            let line = last.map_or(1, |last| last.sequence.saturating_add(1));
            let entry = Arc::new(entry_of(row, "", line, Place::File));
            view.insert(Arc::clone(&entry));
            entry
        }
        Step::Put { row, place: Place::Table, unsettled } => {
            let (sequence, date) = placed.get(&row.id).cloned().unwrap_or_else(|| (0, row.date.clone()));
            let mut entry = entry_of(row, &date, sequence, Place::Table);
            entry.unsettled = *unsettled;
            let entry = Arc::new(entry);
            view.insert(Arc::clone(&entry));
            entry
        }
    }
}

/// Returns a number to choose a member number by; any will do when the machine has no random ones.
fn random() -> u32 {
    getrandom::u32().unwrap_or_default()
}

/// Where the database put rows, by id.
pub(super) type Places = HashMap<String, (i64, String)>;

/// Returns the places of a committed transaction by id.
pub(super) fn places(committed: &Committed) -> Places {
    committed.placed.iter().map(|placed| (placed.id.clone(), (placed.sequence, placed.date.clone()))).collect()
}

/// Returns the row of a policy (spec/ledger 4.3).
pub(super) fn row_of(policy: &Policy, host: &str) -> Result<NewRow, Error> {
    let text = policy.stored_text();
    let facts =
        Facts::read(&text).ok_or_else(|| Error::Policy("the policy is not one type with an object".to_owned()))?;
    let id =
        facts.id.filter(|id| !id.is_empty()).ok_or_else(|| Error::Policy("the policy has no usable id".to_owned()))?;
    Ok(NewRow {
        kind: facts.kind,
        id,
        company: facts.company,
        date: facts.date.unwrap_or_default(),
        host: host.to_owned(),
        status: facts.status,
        text,
    })
}

/// Returns the line that marks a deleted policy in the local file (spec/ledger 9.1).
pub(super) fn deleted_line(id: &str) -> String {
    let id = serde_json::Value::from(id);
    format!("{{\"deleted\": {{ \"id\" : {id}, \"ledger\" : \"local\" }}}}\n")
}

fn entry_of(row: &NewRow, date: &str, sequence: i64, place: Place) -> Entry {
    let facts = Facts::read(&row.text);
    let at = Position { date: Arc::from(date), sequence, place };
    Entry::new(
        Arc::from(row.text.as_str()),
        Arc::from(row.id.as_str()),
        Arc::from(row.host.as_str()),
        at,
        facts.as_ref(),
    )
}

fn duplicate(entry: &Entry) -> Error {
    Error::Duplicate { id: entry.id.to_string(), kind: entry.kind.to_string(), host: entry.host.to_string() }
}
