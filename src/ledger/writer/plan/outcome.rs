//! What planning a change came to.

use crate::ledger::{
    change::Written,
    error::Error,
    view::{
        entry::{LedgerEntry, Location, Position},
        fields::PolicyFields,
        view::View,
    },
    writer::plan::placements::Placements,
};
use std::{collections::HashSet, sync::Arc};

/// What planning one change came to.
pub enum PlanOutcome {
    /// The change is part of the transaction.
    Planned(PlannedChange),
    /// The change is refused, and nothing of it is part of the transaction.
    Refused(Error),
    /// The change concerns a policy that the transaction changes already, so it has to wait for the next one.
    NextBatch,
}

/// A change that is part of a transaction.
#[derive(Debug, Default)]
pub struct PlannedChange {
    steps: Vec<ViewStep>,
    /// Ids of the policies that stay as they are until a platform has the change.
    held: HashSet<Arc<str>>,
    end: ChangeEnd,
}

/// What happens to the view when the transaction is committed.
#[derive(Debug)]
enum ViewStep {
    Put { entry: Arc<LedgerEntry>, fields: Arc<PolicyFields> },
    Remove { entry: Arc<LedgerEntry> },
}

/// What whoever asked for a change is told.
#[derive(Debug, Default)]
enum ChangeEnd {
    /// It is done.
    #[default]
    Done,
    /// Nothing was to do, because the id was there already or its policy stays dropped.
    Ignored,
    /// It is done in part: an error stands, for example a list of ids with a missing one.
    Partly(Error),
}

impl PlannedChange {
    /// Creates the plan of a change that needs nothing, because the id is there already or its policy stays dropped.
    #[must_use]
    pub fn ignored() -> Self {
        Self { end: ChangeEnd::Ignored, ..Self::default() }
    }

    /// Plans that a policy comes into the view.
    pub fn put(&mut self, entry: Arc<LedgerEntry>, fields: Arc<PolicyFields>) {
        self.steps.push(ViewStep::Put { entry, fields });
    }

    /// Plans that a policy leaves the view.
    pub fn remove(&mut self, entry: Arc<LedgerEntry>) {
        self.steps.push(ViewStep::Remove { entry });
    }

    /// Adds the steps of another change, which are done together with those of this one.
    pub fn join(&mut self, other: Self) {
        self.steps.extend(other.steps);
    }

    /// Notes the policies that stay as they are until a platform has the change.
    pub fn hold(&mut self, ids: HashSet<Arc<str>>) {
        self.held.extend(ids);
    }

    /// Notes an error that stands although the steps before it are done.
    pub fn end_with(&mut self, error: Error) {
        self.end = ChangeEnd::Partly(error);
    }

    /// Tells whether an error stands although the change is done in part.
    #[must_use]
    pub const fn is_done_in_part(&self) -> bool {
        matches!(self.end, ChangeEnd::Partly(_))
    }

    /// Returns the policies added, replaced or deleted, as the plan placed them.
    #[must_use]
    pub fn entries(&self) -> Vec<Arc<LedgerEntry>> {
        self.steps.iter().map(ViewStep::entry).collect()
    }

    /// Tells whether the table is what the change makes of it: the transaction whose answer was lost came through.
    #[must_use]
    pub fn is_made(&self, view: &View) -> bool {
        !self.steps.is_empty() && self.held.is_empty() && self.steps.iter().all(|step| step.is_made(view))
    }

    /// Carries the steps out on a view, with the places that the database gave the rows, and returns the policies.
    pub fn apply(&self, view: &mut View, placements: &Placements) -> Vec<Arc<LedgerEntry>> {
        let apply = |step: &ViewStep| match step {
            step if self.held.contains(step.id()) => step.entry(),
            step => step.apply(view, placements),
        };
        self.steps.iter().map(apply).collect()
    }

    /// Makes the answer to the change.
    ///
    /// # Errors
    /// The error that stands although the change is done in part.
    pub fn into_written(self, entries: Vec<Arc<LedgerEntry>>, generation: u64) -> Result<Written, Error> {
        match self.end {
            ChangeEnd::Done => Ok(Written { entries, ignored: false, generation }),
            ChangeEnd::Ignored => Ok(Written { entries, ignored: true, generation }),
            ChangeEnd::Partly(error) => Err(error),
        }
    }
}

impl ViewStep {
    fn entry(&self) -> Arc<LedgerEntry> {
        match self {
            Self::Put { entry, .. } | Self::Remove { entry } => Arc::clone(entry),
        }
    }

    fn id(&self) -> &str {
        match self {
            Self::Put { entry, .. } | Self::Remove { entry } => &entry.id,
        }
    }

    fn is_made(&self, view: &View) -> bool {
        let row = |id: &str| view.by_id(id).filter(|there| there.location == Location::Table);
        match self {
            Self::Remove { entry } => entry.location == Location::Table && row(&entry.id).is_none(),
            Self::Put { entry, .. } => {
                row(&entry.id).is_some_and(|there| (&there.text, &there.host) == (&entry.text, &entry.host))
            }
        }
    }

    fn apply(&self, view: &mut View, placements: &Placements) -> Arc<LedgerEntry> {
        match self {
            Self::Remove { entry } => {
                view.remove(&entry.id);
                Arc::clone(entry)
            }
            Self::Put { entry, fields } => {
                let at = position(entry, view, placements);
                let entry = Arc::new(moved(entry, at, fields));
                view.insert_with_fields(Arc::clone(&entry), Some(fields));
                entry
            }
        }
    }
}

/// Returns the place of a planned policy in a view.
fn position(planned: &LedgerEntry, view: &View, placements: &Placements) -> Position {
    match (planned.location, placements.get(&planned.id)) {
        (Location::File, _) => next_line(view),
        (Location::Table, Some(placed)) => {
            Position { date: placed.date.as_str().into(), sequence: placed.sequence, location: Location::Table }
        }
        (Location::Table, None) => Position { date: Arc::clone(&planned.date), sequence: 0, location: Location::Table },
    }
}

/// Returns a planned policy at another place.
fn moved(planned: &LedgerEntry, at: Position, fields: &PolicyFields) -> LedgerEntry {
    let (text, id, host) = (Arc::clone(&planned.text), Arc::clone(&planned.id), Arc::clone(&planned.host));
    let mut entry = LedgerEntry::new(text, id, host, at, Some(fields));
    entry.local_until.clone_from(&planned.local_until);
    entry
}

/// Returns the place of a line after all others of the local file.
#[must_use]
pub fn next_line(view: &View) -> Position {
    let last = view.last().filter(|last| last.location == Location::File);
    let sequence = last.map_or(1, |last| last.sequence.saturating_add(1));
    Position { date: Arc::from(""), sequence, location: Location::File }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ledger::{
            change::{Author, Change, OnDuplicate, PolicyCheck, PolicyInsert},
            store::engine::Engine,
            writer::plan::plan::TransactionPlan,
        },
        policy::Policy,
    };

    fn plan(view: &View) -> TransactionPlan {
        TransactionPlan::new(view, Engine::Sqlite, 0, "2026-01-01T00:00:00.000000Z".to_owned(), u64::MAX, None)
    }

    /// Returns what planning a change on a view comes to, and the view afterwards.
    fn planned(view: &View, change: &Change) -> (PlannedChange, View) {
        let mut plan = plan(view);
        let PlanOutcome::Planned(planned) = plan.add(change, &Author::new("w")) else {
            panic!("{change:?} is refused")
        };
        (planned, plan.projected.into_view())
    }

    fn insert(text: &str, host: &str) -> Change {
        let (policy, host) = (Policy::parse(text).unwrap(), host.to_owned());
        Change::Insert(PolicyInsert { policy, host, on_duplicate: OnDuplicate::Refuse, check: PolicyCheck::Nothing })
    }

    fn replace(text: &str) -> Change {
        let (policy, check) = (Policy::parse(text).unwrap(), PolicyCheck::Nothing);
        Change::Replace { id: "a".to_owned(), policy, host: "h".to_owned(), check }
    }

    #[test]
    fn what_came_through_although_its_answer_was_lost_is_known() {
        let (first, there) = planned(&View::default(), &insert(r#"{"device": {"id": "a"}}"#, "h"));
        assert!(first.is_made(&there) && !first.is_made(&View::default()));
        // Another publisher, or another value, is another policy.
        for (text, host) in [(r#"{"device": {"id": "a"}}"#, "i"), (r#"{"device": {"id": "a", "n": 1}}"#, "h")] {
            assert!(!planned(&View::default(), &insert(text, host)).0.is_made(&there));
        }
        let (second, after) = planned(&there, &replace(r#"{"device": {"id": "a", "n": 1}}"#));
        assert!(second.is_made(&after) && !second.is_made(&there));
        let (third, _) = planned(&there, &Change::Drop { ids: vec!["a".to_owned()] });
        assert!(third.is_made(&View::default()) && !third.is_made(&there));
        assert!(!PlannedChange::ignored().is_made(&there), "nothing was to do: it is planned again");
    }
}
