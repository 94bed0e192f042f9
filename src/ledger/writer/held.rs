//! Changes that wait until an operator confirms them.

use crate::{
    ledger::{
        change::Author,
        error::Error,
        held_change::{ConfirmedChange, HeldChange},
        writer::{job::QueuedChange, writer::Writer},
    },
    runtime::{clock, limits, rare::Rare},
};
use std::{collections::VecDeque, sync::Arc};
use tokio::sync::oneshot;

/// The changes that wait, oldest first.
#[derive(Debug, Default)]
pub struct HeldChanges {
    changes: Vec<Arc<HeldChange>>,
    bytes: usize,
    last: u64,
    told: Rare,
}

/// What the log says of a change that waits, or that is refused because too many wait.
const TELLING: &str = "a sender changes much of what others published: 'get pending changes' shows what waits for \
                       'blockchain confirm changes'";

impl HeldChanges {
    /// Keeps a change; false when there is no room for it. One that waits already is not kept twice.
    fn keep(&mut self, queued: &QueuedChange) -> bool {
        let who = &queued.author.who;
        if self.changes.iter().any(|held| held.is_repeated_by(who, &queued.change)) {
            return true;
        }
        let (number, time) = (self.last + 1, clock::policy_date());
        let held = HeldChange { number, time, who: who.clone(), change: queued.change.clone() };
        let bytes = self.bytes.saturating_add(held.bytes());
        if self.changes.len() >= limits::HELD_CHANGES || bytes > limits::HELD_BYTES {
            return false;
        }
        self.bytes = bytes;
        self.last = number;
        self.changes.push(Arc::new(held));
        true
    }

    /// Keeps a change that was taken and could not be made, because the database is away.
    fn put_back(&mut self, held: Arc<HeldChange>) {
        self.bytes = self.bytes.saturating_add(held.bytes());
        let place = self.changes.partition_point(|other| other.number < held.number);
        self.changes.insert(place, held);
    }

    /// Takes one change, or all of them.
    fn take(&mut self, number: Option<u64>) -> Result<Vec<Arc<HeldChange>>, Error> {
        let wanted = |held: &Arc<HeldChange>| number.is_none_or(|number| held.number == number);
        let (taken, rest) = std::mem::take(&mut self.changes).into_iter().partition::<Vec<_>, _>(wanted);
        self.changes = rest;
        self.bytes = self.changes.iter().map(|held| held.bytes()).sum();
        match number {
            Some(number) if taken.is_empty() => Err(Error::NotHeld(number)),
            _ => Ok(taken),
        }
    }
}

impl Writer {
    /// Keeps a change that its sender may not make alone, and returns what the sender is told.
    pub fn hold(&mut self, queued: &QueuedChange, refusal: Error) -> Error {
        let Error::HeldBack { limit } = refusal else { return refusal };
        let kept = self.held.keep(queued);
        if let Some(left_out) = self.held.told.may_tell() {
            let (who, change) = (&queued.author.who, queued.change.name());
            tracing::error!(who, change, limit, kept, left_out, "{TELLING}");
        }
        self.publish_held();
        if kept { refusal } else { Error::TooManyHeld { limit } }
    }

    /// Makes changes that waited, in the order in which they came.
    ///
    /// # Errors
    /// [`Error::NotHeld`] when no change with the number waits.
    pub async fn confirm(&mut self, number: Option<u64>, by: &Author) -> Result<Vec<ConfirmedChange>, Error> {
        let taken = self.held.take(number)?;
        self.publish_held();
        let mut confirmed = Vec::with_capacity(taken.len());
        for held in taken {
            let (responder, outcome) = oneshot::channel();
            let author = Author::new(format!("{}, confirmed by {}", held.who, by.who));
            self.write(VecDeque::from([QueuedChange::new(held.change.clone(), author, responder)])).await;
            let outcome = outcome.await.unwrap_or(Err(Error::Stopping));
            if outcome.as_ref().is_err_and(Error::may_pass) {
                self.held.put_back(Arc::clone(&held));
            }
            confirmed.push((held, outcome.map(drop)));
        }
        self.publish_held();
        Ok(confirmed)
    }

    /// Forgets changes that waited.
    ///
    /// # Errors
    /// [`Error::NotHeld`] when no change with the number waits.
    pub fn reject(&mut self, number: Option<u64>) -> Result<usize, Error> {
        let taken = self.held.take(number)?;
        self.publish_held();
        Ok(taken.len())
    }

    fn publish_held(&self) {
        self.published.set_held(self.held.changes.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::change::Change;

    fn drop_of(id: &str) -> QueuedChange {
        QueuedChange::unanswered(Change::Drop { ids: vec![id.to_owned()] }, Author::other("x", [10, 0, 0, 1].into()))
    }

    #[test]
    fn a_change_waits_once_and_is_taken_once() {
        let mut held = HeldChanges::default();
        assert!(held.keep(&drop_of("a")) && held.keep(&drop_of("b")) && held.keep(&drop_of("a")));
        assert_eq!(held.changes.len(), 2);
        assert!(matches!(held.take(Some(7)), Err(Error::NotHeld(7))));
        assert_eq!(held.take(Some(2)).unwrap().len(), 1);
        assert_eq!((held.take(None).unwrap().len(), held.bytes), (1, 0));
        assert!(held.keep(&drop_of("c")));
        assert_eq!(held.changes[0].number, 3, "a number is not given twice");
        held.keep(&drop_of("d"));
        let taken = held.take(Some(3)).unwrap();
        held.put_back(Arc::clone(&taken[0]));
        assert_eq!(held.changes.iter().map(|change| change.number).collect::<Vec<_>>(), [3, 4]);
    }

    #[test]
    fn no_more_wait_than_there_is_room_for() {
        let mut held = HeldChanges::default();
        let kept = (0..limits::HELD_CHANGES + 5).filter(|id| held.keep(&drop_of(&id.to_string()))).count();
        assert_eq!(kept, limits::HELD_CHANGES);
        let mut held = HeldChanges::default();
        assert!(!held.keep(&drop_of(&"x".repeat(limits::HELD_BYTES))) && held.changes.is_empty());
    }
}
