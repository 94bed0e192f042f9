//! The policies that wait for a database that takes no changes.

use crate::ledger::{
    change::{Author, Change, PolicyCheck, PolicyInsert},
    writer::job::QueuedChange,
};
use std::collections::VecDeque;

/// Policies that are kept for a database that is away, at most.
const CAPACITY: usize = 4096;

/// Policies that members sent while the database took none. A member sends each once and forgets it when the next copy of
/// the ledger does not have it (`push ignore`, reference/ledger 8.4).
#[derive(Default)]
pub struct PendingChanges {
    changes: Vec<PendingChange>,
    /// How many of them, the last ones, the local copy has not got yet.
    unsaved: usize,
}

struct PendingChange {
    insert: PolicyInsert,
    author: Author,
}

impl PendingChanges {
    /// Keeps a policy.
    pub fn keep(&mut self, insert: &PolicyInsert, author: &Author) {
        if self.changes.len() >= CAPACITY {
            let id = insert.policy.id().unwrap_or_default();
            tracing::warn!(policy.id = %id, "the database is away and {CAPACITY} policies wait for it: this one is not kept");
            return;
        }
        self.changes.push(PendingChange { insert: insert.clone(), author: author.clone() });
        self.unsaved += 1;
    }

    /// Returns, as lines of the local copy, those that it has not got yet, and takes them for saved.
    pub fn take_unsaved(&mut self) -> VecDeque<QueuedChange> {
        let saved = self.changes.len().saturating_sub(std::mem::take(&mut self.unsaved));
        self.changes.iter().skip(saved).map(PendingChange::as_line).collect()
    }

    /// Returns all of them and keeps none.
    pub fn take_all(&mut self) -> VecDeque<QueuedChange> {
        self.unsaved = 0;
        let queued = |pending: PendingChange| QueuedChange::unanswered(Change::Insert(pending.insert), pending.author);
        std::mem::take(&mut self.changes).into_iter().map(queued).collect()
    }
}

impl PendingChange {
    fn as_line(&self) -> QueuedChange {
        let mut policy = self.insert.policy.clone();
        policy.set_ledger("local");
        QueuedChange::unanswered(Change::InsertLocal { policy, check: PolicyCheck::Nothing }, self.author.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ledger::change::OnDuplicate, policy::Policy};

    fn insert(id: usize) -> PolicyInsert {
        let policy = Policy::parse(&format!(r#"{{"device": {{"id": "{id}"}}}}"#)).unwrap();
        PolicyInsert { policy, host: "h".to_owned(), on_duplicate: OnDuplicate::Ignore, check: PolicyCheck::Structure }
    }

    #[test]
    fn each_is_saved_once_and_all_are_written_later() {
        let (mut pending, author) = (PendingChanges::default(), Author::new("test"));
        pending.keep(&insert(1), &author);
        assert_eq!(pending.take_unsaved().len(), 1);
        pending.keep(&insert(2), &author);
        assert_eq!((pending.take_unsaved().len(), pending.take_unsaved().len()), (1, 0));
        assert_eq!((pending.take_all().len(), pending.take_all().len()), (2, 0));
    }

    #[test]
    fn no_more_are_kept_than_there_is_room_for() {
        let (mut pending, author) = (PendingChanges::default(), Author::new("test"));
        (0..CAPACITY + 1).for_each(|id| pending.keep(&insert(id), &author));
        assert_eq!(pending.take_all().len(), CAPACITY);
    }
}
