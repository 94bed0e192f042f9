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

    /// Returns the policies added, replaced or deleted, as the plan placed them.
    #[must_use]
    pub fn entries(&self) -> Vec<Arc<LedgerEntry>> {
        self.steps.iter().map(ViewStep::entry).collect()
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
