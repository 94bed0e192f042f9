//! The plan of one transaction.

use crate::{
    ledger::{
        change::{Author, Change, Sender},
        error::Error,
        outbox::rule::{RelayRule, RelayVisible},
        store::{
            batch::{Batch, RowChange, RowEdit},
            engine::Engine,
        },
        view::{
            entry::{LedgerEntry, Location},
            fields::PolicyFields,
            view::View,
        },
        writer::plan::{
            outcome::{PlanOutcome, PlannedChange},
            placements::Placements,
            projected::ProjectedView,
        },
    },
    policy::Policy,
    runtime::limits,
};
use std::{collections::HashSet, sync::Arc};

/// Changes that go into one transaction, each of another policy.
pub struct TransactionPlan {
    /// The view with the changes planned so far, against which the next one is validated.
    pub(super) projected: ProjectedView,
    /// What the database has to do.
    pub(super) batch: Batch,
    /// The lines to add to the local file.
    pub(super) lines: String,
    /// The kind of the database, which decides how dates read afterwards.
    pub(super) engine: Engine,
    /// Bytes that the texts of all policies may have.
    pub(super) quota: u64,
    /// Ids of the policies that are changed.
    pub(super) changed: HashSet<Arc<str>>,
    /// What goes to a contract platform.
    relay: Option<Arc<RelayRule>>,
    /// True while a change is planned that came from the platform itself.
    from_platform: bool,
    /// Ids of the policies that the change that is planned leaves as they are until the platform has it.
    pub(super) held: HashSet<Arc<str>>,
    /// True when some policy is held back.
    has_held: bool,
}

impl TransactionPlan {
    /// Starts a plan at a time, on a version of the view and of the table.
    #[must_use]
    pub fn new(
        view: &View,
        engine: Engine,
        version: i64,
        time: String,
        quota: u64,
        relay: Option<Arc<RelayRule>>,
    ) -> Self {
        Self {
            projected: ProjectedView::after(view),
            batch: Batch { version, time, changes: Vec::new(), outbox: Vec::new() },
            lines: String::new(),
            engine,
            quota,
            changed: HashSet::new(),
            relay,
            from_platform: false,
            held: HashSet::new(),
            has_held: false,
        }
    }

    /// Validates a change and adds it.
    pub fn add(&mut self, change: &Change, author: &Author) -> PlanOutcome {
        if self.changes_again(change) {
            return PlanOutcome::NextBatch;
        }
        self.from_platform = author.from_platform;
        let planned = self.planned(change, author);
        let held = std::mem::take(&mut self.held);
        match planned {
            Ok(mut change) => {
                self.has_held |= !held.is_empty();
                change.hold(held);
                PlanOutcome::Planned(change)
            }
            Err(error) => PlanOutcome::Refused(error),
        }
    }

    /// Validates a change and plans what it does.
    pub(super) fn planned(&mut self, change: &Change, author: &Author) -> Planning {
        let who = author.who.as_str();
        match change {
            Change::Insert(insert) => self.insert(insert, author),
            Change::Publish(insert) => self.publish(insert, author),
            Change::InsertLocal { policy, check } => self.insert_local(policy, *check, author),
            Change::InsertAll { inserts, each } => self.insert_all(inserts, *each, author),
            Change::While { id, text, change } => self.guarded(id, text, change, author),
            Change::Replace { id, policy, host, check } => self.replace(id, policy, host, *check, author),
            Change::Drop { ids } => Ok(self.drop_until_missing(ids, who)),
            Change::DropSome { ids } => Ok(self.drop_some(ids, who)),
            Change::DropHost { host } => self.drop_host(host, who),
            Change::Undo { steps } => self.undo(steps, author),
            Change::Apply { steps } => self.apply(steps, author),
        }
    }

    /// Tells whether a change concerns a policy that the transaction changes already.
    fn changes_again(&mut self, change: &Change) -> bool {
        if self.changed.is_empty() {
            return false;
        }
        let is_changed =
            |policy: &Policy| PolicyFields::id_of(policy).is_some_and(|id| self.changed.contains(id.as_str()));
        match change {
            Change::Insert(insert) | Change::Publish(insert) => is_changed(&insert.policy),
            Change::InsertLocal { policy, .. } => is_changed(policy),
            Change::InsertAll { inserts, .. } => inserts.iter().any(|insert| is_changed(&insert.policy)),
            Change::While { id, change, .. } => self.changed.contains(id.as_str()) || self.changes_again(change),
            Change::Replace { id, .. } => self.changed.contains(id.as_str()),
            Change::Drop { ids } | Change::DropSome { ids } => ids.iter().any(|id| self.changed.contains(id.as_str())),
            Change::Undo { steps } => steps.iter().any(|step| self.changed.contains(step.id())),
            Change::Apply { steps } => steps.iter().any(|step| self.changed.contains(step.id())),
            Change::DropHost { host } => {
                let rows = self.rows_of_host(host);
                rows.iter().any(|entry| self.changed.contains(&entry.id))
            }
        }
    }

    /// Returns the rows that a host published.
    pub fn rows_of_host(&mut self, host: &str) -> Vec<Arc<LedgerEntry>> {
        let published = |entry: &&Arc<LedgerEntry>| entry.location == Location::Table && *entry.host == *host;
        self.projected.view().entries_from(None).filter(published).cloned().collect()
    }

    /// Refuses texts for which the ledger has no room. What others fill is not all of it: the node and its operators can
    /// still act.
    ///
    /// # Errors
    /// [`Error::Full`] when the texts of all policies would be larger than they may be.
    pub fn check_quota(&mut self, added: usize, removed: usize, author: &Author) -> Result<(), Error> {
        let quota = match author.sender {
            Sender::Owner => self.quota.saturating_add(limits::LEDGER_RESERVE),
            Sender::Other(_) => self.quota,
        };
        let bytes = self.projected.bytes();
        let after = bytes.saturating_add(added as u64).saturating_sub(removed as u64);
        // What makes the ledger smaller is welcome in any case.
        if added > removed && after > quota { Err(Error::Full { bytes, quota: self.quota }) } else { Ok(()) }
    }

    /// Plans a change of the table.
    pub fn write_row(&mut self, who: &str, kind: &str, id: &Arc<str>, edit: RowEdit) {
        let (who, kind, id) = (who.to_owned(), kind.into(), Arc::clone(id));
        let change = RowChange { who, kind, id, edit };
        if self.relay_row(&change) {
            self.batch.changes.push(change);
        }
    }

    /// Plans that a platform gets a change, when it has to; false when the table has to wait for that.
    fn relay_row(&mut self, change: &RowChange) -> bool {
        let Some(rule) = self.relay.as_deref().filter(|_| !self.from_platform) else { return true };
        if !rule.covers(change) {
            return true;
        }
        let shown = rule.visible == RelayVisible::Pending;
        self.batch.outbox.push(rule.entry(change, shown));
        if !shown {
            self.held.insert(Arc::clone(&change.id));
        }
        shown
    }

    /// Plans that a policy comes into the view.
    pub fn put(&mut self, entry: LedgerEntry, fields: PolicyFields) -> PlannedChange {
        let (entry, fields) = self.place(entry, fields);
        let mut planned = PlannedChange::default();
        planned.put(entry, fields);
        planned
    }

    /// Puts a policy into the view as it will be.
    pub fn place(&mut self, entry: LedgerEntry, fields: PolicyFields) -> (Arc<LedgerEntry>, Arc<PolicyFields>) {
        let (entry, fields) = (Arc::new(entry), Arc::new(fields));
        self.changed.insert(Arc::clone(&entry.id));
        self.projected.add(Arc::clone(&entry), Arc::clone(&fields));
        (entry, fields)
    }

    /// Plans that a policy leaves the view.
    pub fn remove(&mut self, entry: &Arc<LedgerEntry>, planned: &mut PlannedChange) {
        self.changed.insert(Arc::clone(&entry.id));
        self.projected.view().remove(&entry.id);
        planned.remove(Arc::clone(entry));
    }

    /// Returns what the database has to do.
    #[must_use]
    pub const fn batch(&self) -> &Batch {
        &self.batch
    }

    /// Returns the lines to add to the local file.
    #[must_use]
    pub fn lines(&self) -> &str {
        &self.lines
    }

    /// Tells whether the database has anything to do.
    #[must_use]
    pub fn writes_rows(&self) -> bool {
        !self.batch.changes.is_empty() || !self.batch.outbox.is_empty()
    }

    /// Tells whether nothing changes, neither rows nor lines.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changed.is_empty()
    }

    /// Returns what the database has to do, and the view that goes on meanwhile.
    pub const fn parts(&mut self) -> (&Batch, &mut ProjectedView) {
        (&self.batch, &mut self.projected)
    }

    /// Returns the view after the transaction, if the database put every row where the plan expected it.
    #[must_use]
    pub fn into_view(self, placements: &Placements) -> Option<View> {
        if !self.lines.is_empty() || self.has_held {
            return None;
        }
        let view = self.projected.into_view();
        let as_planned = |change: &RowChange| {
            change.values().is_none() || is_as_planned(view.by_id(&change.id), placements, &change.id)
        };
        let fits = self.batch.changes.iter().all(as_planned);
        fits.then_some(view)
    }
}

fn is_as_planned(entry: Option<&Arc<LedgerEntry>>, placements: &Placements, id: &str) -> bool {
    let placed = entry.zip(placements.get(id));
    placed.is_some_and(|(entry, placed)| placed.sequence == entry.sequence && *placed.date == *entry.date)
}

/// What the methods that plan a change return: the change, or why it is refused.
pub type Planning = Result<PlannedChange, Error>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::change::{OnDuplicate, PolicyCheck, PolicyInsert};

    fn author() -> Author {
        Author::new("w")
    }

    fn plan() -> TransactionPlan {
        TransactionPlan::new(
            &View::default(),
            Engine::Sqlite,
            0,
            "2026-01-01T00:00:00.000000Z".to_owned(),
            u64::MAX,
            None,
        )
    }

    fn insert(id: &str, on_duplicate: OnDuplicate) -> Change {
        let policy = Policy::parse(&format!(r#"{{"device": {{"name": "n", "id": "{id}"}}}}"#)).unwrap();
        Change::Insert(PolicyInsert { policy, host: "h".to_owned(), on_duplicate, check: PolicyCheck::Nothing })
    }

    /// Returns a plan on the view that another plan leads to.
    fn after(plan: TransactionPlan) -> TransactionPlan {
        TransactionPlan::new(&plan.projected.into_view(), Engine::Sqlite, 0, String::new(), u64::MAX, None)
    }

    #[test]
    fn a_policy_is_changed_once_in_a_transaction() {
        let mut plan = plan();
        assert!(matches!(plan.add(&insert("a", OnDuplicate::Refuse), &author()), PlanOutcome::Planned(_)));
        assert!(matches!(plan.add(&insert("b", OnDuplicate::Refuse), &author()), PlanOutcome::Planned(_)));
        for again in [
            insert("a", OnDuplicate::Refuse),
            Change::DropSome { ids: vec!["x".to_owned(), "b".to_owned()] },
            Change::DropHost { host: "h".to_owned() },
        ] {
            assert!(matches!(plan.add(&again, &author()), PlanOutcome::NextBatch), "{again:?}");
        }
        assert_eq!(plan.batch().changes.len(), 2);
    }

    #[test]
    fn a_duplicate_is_refused_or_ignored_and_nothing_is_written() {
        let mut first = plan();
        first.add(&insert("a", OnDuplicate::Refuse), &author());
        let mut second = after(first);
        let refused = second.add(&insert("a", OnDuplicate::Refuse), &author());
        assert!(matches!(refused, PlanOutcome::Refused(Error::Duplicate { .. })));
        let PlanOutcome::Planned(ignored) = second.add(&insert("a", OnDuplicate::Ignore), &author()) else {
            panic!("an ignored duplicate is no error")
        };
        assert!(ignored.into_written(Vec::new(), 1).unwrap().ignored);
        assert!(second.is_empty() && !second.writes_rows());
    }

    #[test]
    fn an_error_may_stand_although_a_part_is_done() {
        let mut first = plan();
        first.add(&insert("a", OnDuplicate::Refuse), &author());
        let mut second = after(first);
        let ids = vec!["a".to_owned(), "x".to_owned()];
        let PlanOutcome::Planned(part) = second.add(&Change::DropSome { ids }, &author()) else {
            panic!("'a' is deleted")
        };
        assert!(matches!(part.into_written(Vec::new(), 1), Err(Error::Subset(missing)) if missing == "x"));
        assert!(second.writes_rows());
    }
}
