//! A place in the making of a transaction to which a change that is refused half way returns.

use crate::ledger::writer::plan::{plan::TransactionPlan, projected::ProjectedView};
use std::{collections::HashSet, sync::Arc};

/// What a transaction was before a change of many steps.
pub struct Savepoint {
    projected: ProjectedView,
    changed: HashSet<Arc<str>>,
    changes: usize,
    outbox: usize,
    lines: usize,
}

impl TransactionPlan {
    /// Remembers what is planned so far. The view shares everything with its copy, so that it costs next to nothing.
    pub(super) fn savepoint(&self) -> Savepoint {
        Savepoint {
            projected: self.projected.clone(),
            changed: self.changed.clone(),
            changes: self.batch.changes.len(),
            outbox: self.batch.outbox.len(),
            lines: self.lines.len(),
        }
    }

    /// Forgets everything that was planned since.
    pub(super) fn return_to(&mut self, savepoint: Savepoint) {
        self.projected = savepoint.projected;
        self.changed = savepoint.changed;
        self.batch.changes.truncate(savepoint.changes);
        self.batch.outbox.truncate(savepoint.outbox);
        self.lines.truncate(savepoint.lines);
        self.held.clear();
    }
}
