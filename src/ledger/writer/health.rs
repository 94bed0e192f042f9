//! Whether the database answers and takes changes.

use crate::ledger::{error::Error, published::Published};
use std::sync::Arc;

/// What the last look-ups and changes say of the database. Everybody sees whether it takes changes.
pub struct DatabaseHealth {
    lookups: Lookups,
    changes: Changes,
    published: Arc<Published>,
}

/// Whether the database answers look-ups.
enum Lookups {
    /// As far as is known it does.
    Answered,
    /// The last one failed, which was logged.
    Failing,
}

/// Whether the database takes changes.
enum Changes {
    /// As far as is known it does.
    Accepted,
    /// It did not take the last transaction; whoever waited meanwhile does not know yet.
    Failed(Error),
    /// It takes none.
    Refused,
    /// It took one again, but not yet those that are pending.
    Resumed,
}

impl DatabaseHealth {
    /// Creates the health of a database of which nothing bad is known.
    #[must_use]
    pub const fn new(published: Arc<Published>) -> Self {
        Self { lookups: Lookups::Answered, changes: Changes::Accepted, published }
    }

    /// Begins anew, with another database.
    pub fn reset(&mut self) {
        self.lookups = Lookups::Answered;
        self.published.set_silence(None);
        self.set(Changes::Accepted);
    }

    /// Takes note of a committed change.
    pub fn change_committed(&mut self) {
        if !matches!(self.changes, Changes::Accepted) {
            self.set(Changes::Resumed);
        }
    }

    /// Takes note of a transaction that the database did not take.
    pub fn change_failed(&mut self, error: Error) {
        self.published.set_refusal(Some(error.clone()));
        self.set(Changes::Failed(error));
    }

    /// Takes note that the pending changes are written, unless one of them failed.
    pub fn pending_written(&mut self) {
        if matches!(self.changes, Changes::Resumed) {
            self.set(Changes::Accepted);
        }
    }

    /// Takes note of a look-up that was answered.
    pub fn lookup_answered(&mut self) {
        if matches!(self.lookups, Lookups::Failing) {
            tracing::info!("the database of the ledger is back");
        }
        self.lookups = Lookups::Answered;
        self.published.set_silence(None);
    }

    /// Takes note of a look-up that failed. The next one follows soon, so only the first of them is logged.
    pub fn lookup_failed(&mut self, error: &Error) {
        if matches!(self.lookups, Lookups::Answered) {
            tracing::warn!(%error, "the database of the ledger is away: reading goes on from memory, changes of the table are refused, and policies \
                 with local = true are kept in the local copy");
        }
        self.lookups = Lookups::Failing;
        self.published.set_silence(Some(error.clone()));
        if !matches!(self.changes, Changes::Failed(_)) {
            self.set(Changes::Refused);
        }
    }

    /// Takes the failure that those who wait have to hear.
    pub fn take_failure(&mut self) -> Option<Error> {
        let Changes::Failed(error) = &self.changes else { return None };
        let error = error.clone();
        self.set(Changes::Refused);
        Some(error)
    }

    /// Tells whether the database takes no changes.
    #[must_use]
    pub const fn refuses_changes(&self) -> bool {
        matches!(self.changes, Changes::Failed(_) | Changes::Refused)
    }

    /// Tells whether the database took a change again, but not yet those that are pending.
    #[must_use]
    pub const fn has_resumed(&self) -> bool {
        matches!(self.changes, Changes::Resumed)
    }

    fn set(&mut self, changes: Changes) {
        self.changes = changes;
        let accepts = matches!(self.changes, Changes::Accepted);
        self.published.set_accepts_changes(accepts);
        if accepts {
            self.published.set_refusal(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_resumes_accepts_changes_after_those_that_were_pending() {
        let published = Arc::new(Published::default());
        let mut health = DatabaseHealth::new(Arc::clone(&published));
        health.change_committed();
        assert!(published.accepts_changes() && !health.has_resumed());
        health.change_failed(Error::Busy);
        assert!(matches!(health.take_failure(), Some(Error::Busy)));
        assert!(health.take_failure().is_none() && health.refuses_changes() && !published.accepts_changes());
        assert!(matches!(published.refusal().as_deref(), Some(Error::Busy)), "everybody sees why");
        health.change_committed();
        assert!(health.has_resumed() && !published.accepts_changes());
        health.pending_written();
        assert!(published.accepts_changes() && published.refusal().is_none());
    }

    #[test]
    fn everybody_sees_that_the_database_is_silent_until_it_answers() {
        let published = Arc::new(Published::default());
        let mut health = DatabaseHealth::new(Arc::clone(&published));
        health.lookup_failed(&Error::Busy);
        assert!(matches!(published.silence().as_deref(), Some(Error::Busy)) && !published.accepts_changes());
        health.lookup_answered();
        assert!(published.silence().is_none() && !published.accepts_changes(), "it may still take no changes");
    }

    #[test]
    fn a_pending_change_that_fails_again_keeps_the_database_closed() {
        let published = Arc::new(Published::default());
        let mut health = DatabaseHealth::new(Arc::clone(&published));
        health.lookup_failed(&Error::Busy);
        health.change_committed();
        health.change_failed(Error::Busy);
        health.pending_written();
        assert!(health.refuses_changes() && !published.accepts_changes());
    }
}
