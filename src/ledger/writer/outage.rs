//! What the writer does while the database takes no changes: everybody is told, what needs no database goes on, members keep
//! their copy, and what they would not send again is kept for the database.

use crate::ledger::{
    change::{Change, OnDuplicate},
    error::Error,
    writer::{
        job::{QueuedChange, WriterJob, respond},
        writer::Writer,
    },
};
use tokio::sync::mpsc;

impl Writer {
    /// Answers the changes that came in while the database did not answer another, so that nobody waits for two time-outs.
    pub async fn refuse_waiting(&mut self, jobs: &mut mpsc::Receiver<WriterJob>, error: &Error) {
        for _ in 0..jobs.len() {
            match jobs.try_recv() {
                Ok(WriterJob::Write(change)) if !change.change.is_local() => self.refuse(*change, error),
                Ok(other) => self.serve_one(other).await,
                Err(_) => return,
            }
        }
    }

    /// Answers a change that could not be written. When that was no fault of its own, a policy that nobody would send again is
    /// kept for the database, unless the local copy has the policy and makes it a row at its next round.
    pub fn refuse(&mut self, refused: QueuedChange, error: &Error) {
        if is_outage(error)
            && let Change::Insert(insert) = &refused.change
            && insert.on_duplicate != OnDuplicate::Refuse
            && !self.stays_dropped(&refused.change)
            && self.view.by_id(&insert.policy.id().unwrap_or_default()).is_none()
        {
            self.pending.keep(insert, &refused.author);
        }
        respond(refused.responder, Err(error.clone()));
    }

    /// Writes the latest pending policies into the local copy, so that a restart meanwhile does not lose them.
    pub async fn save_pending(&mut self) {
        let unsaved = self.pending.take_unsaved();
        if self.copy.file.is_some() {
            self.write(unsaved).await;
        }
    }

    /// The database takes changes again: it gets those that are pending, and then members may have the ledger.
    pub async fn write_pending(&mut self) {
        let pending = self.pending.take_all();
        self.write(pending).await;
        self.health.pending_written();
    }
}

/// Tells whether a change was refused for something that passes or that an operator mends: the database, its table, or the local
/// copy that is read beside it.
#[must_use]
pub const fn is_outage(error: &Error) -> bool {
    matches!(error, Error::Unavailable(_) | Error::NoTable | Error::File { .. })
}
