//! A change that waits until an operator confirms it.

use crate::{
    ledger::{
        change::{ApplyStep, Change, UndoStep},
        error::Error,
    },
    policy::{Policy, overlaid},
};
use std::sync::Arc;

/// A change that a sender may not make alone.
#[derive(Clone, Debug)]
pub struct HeldChange {
    /// Its number, by which an operator confirms it.
    pub number: u64,
    /// When it came, in the form of policy dates.
    pub time: String,
    /// Who sent it.
    pub who: String,
    /// What is to be done.
    pub change: Change,
}

/// What came of one confirmed change.
pub type ConfirmedChange = (Arc<HeldChange>, Result<(), Error>);

impl HeldChange {
    /// Returns the ids of the policies that it changes, or the host whose policies it drops.
    #[must_use]
    pub fn targets(&self) -> Vec<&str> {
        targets(&self.change)
    }

    /// Tells whether another change of the same sender asks for the same.
    #[must_use]
    pub fn is_repeated_by(&self, who: &str, change: &Change) -> bool {
        self.who == who
            && self.change.name() == change.name()
            && targets(&self.change) == targets(change)
            && steps(&self.change) == steps(change)
            && self.change.policies().map(Policy::stored_text).eq(change.policies().map(Policy::stored_text))
    }

    /// Returns the bytes that it occupies, nearly.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.change.bytes() + self.targets().iter().map(|target| target.len() + size_of::<String>()).sum::<usize>()
    }
}

fn targets(change: &Change) -> Vec<&str> {
    match change {
        Change::Insert(insert) | Change::Publish(insert) => overlaid(&insert.policy).collect(),
        Change::InsertLocal { policy, .. } => overlaid(policy).collect(),
        Change::InsertAll { inserts, .. } => inserts.iter().flat_map(|insert| overlaid(&insert.policy)).collect(),
        Change::While { change, .. } => targets(change),
        Change::Replace { id, .. } => vec![id],
        Change::Drop { ids } | Change::DropSome { ids } => ids.iter().map(String::as_str).collect(),
        Change::DropHost { host } => vec![host],
        Change::Undo { steps } => steps.iter().map(UndoStep::id).collect(),
        Change::Apply { steps } => steps.iter().map(ApplyStep::id).collect(),
    }
}

/// Returns what a change that was planned does; nothing for the others.
fn steps(change: &Change) -> &[ApplyStep] {
    match change {
        Change::Apply { steps } => steps,
        _ => &[],
    }
}
