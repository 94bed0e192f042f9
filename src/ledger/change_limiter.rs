//! How fast senders may change the ledger.

use crate::{
    ledger::{
        change::{Change, Sender},
        error::Error,
    },
    runtime::limits,
};
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// Counts the changes that each sender sends.
#[derive(Debug)]
pub struct ChangeLimiter {
    per_second: usize,
    per_minute: usize,
    bytes_per_minute: usize,
    senders: Mutex<HashMap<IpAddr, Counts>>,
}

/// What one sender sent in the second and in the minute that run.
#[derive(Clone, Copy, Debug)]
struct Counts {
    second: Count,
    minute: Count,
    bytes: Count,
}

#[derive(Clone, Copy, Debug)]
struct Count {
    since: Instant,
    sum: usize,
}

impl ChangeLimiter {
    /// Creates the counts of senders, each of whom may send so many changes in a second and in a minute, and so many bytes of
    /// policies in a minute.
    #[must_use]
    pub fn new(per_second: usize, per_minute: usize, bytes_per_minute: usize) -> Self {
        Self { per_second, per_minute, bytes_per_minute, senders: Mutex::default() }
    }

    /// Counts a change of a sender.
    ///
    /// # Errors
    /// [`Error::TooFast`] when the sender sends more than it may.
    pub fn admit(&self, sender: Sender, change: &Change) -> Result<(), Error> {
        let Sender::Other(address) = sender else { return Ok(()) };
        let (mut count, mut bytes) = (0, 0);
        for policy in change.policies() {
            (count, bytes) = (count + 1, bytes + policy.stored_text().len());
        }
        self.admit_at(address, (count.max(1), bytes), Instant::now())
    }

    fn admit_at(&self, address: IpAddr, (changes, bytes): (usize, usize), now: Instant) -> Result<(), Error> {
        let mut senders = self.senders.lock().unwrap_or_else(PoisonError::into_inner);
        if senders.len() >= limits::PACED_SENDERS && !senders.contains_key(&address) {
            senders.retain(|_, counts| now.duration_since(counts.minute.since) < MINUTE);
            if senders.len() >= limits::PACED_SENDERS {
                senders.clear();
            }
        }
        let first = Count { since: now, sum: 0 };
        let counts = senders.entry(address).or_insert(Counts { second: first, minute: first, bytes: first });
        if !counts.second.admits(now, SECOND, changes, self.per_second) {
            let (limit, what, variable) = (self.per_second, "changes in a second", "PEER_CHANGES_PER_SECOND");
            return Err(Error::TooFast { limit, what, variable });
        }
        if !counts.minute.admits(now, MINUTE, changes, self.per_minute) {
            let (limit, what, variable) = (self.per_minute, "changes in a minute", "PEER_CHANGES_PER_MINUTE");
            return Err(Error::TooFast { limit, what, variable });
        }
        if !counts.bytes.admits(now, MINUTE, bytes, self.bytes_per_minute) {
            let (limit, what) = (self.bytes_per_minute, "bytes of policies in a minute");
            return Err(Error::TooFast { limit, what, variable: "PEER_BYTES_PER_MINUTE" });
        }
        Ok(())
    }
}

impl Count {
    /// Adds to the sum of the span that runs; false when that is more than there may be.
    fn admits(&mut self, now: Instant, span: Duration, more: usize, limit: usize) -> bool {
        if now.duration_since(self.since) >= span {
            *self = Self { since: now, sum: 0 };
        }
        self.sum = self.sum.saturating_add(more);
        self.sum <= limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_slowed_down_alone() {
        let (limiter, start) = (ChangeLimiter::new(3, 5, 1000), Instant::now());
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let admitted = |at: Duration| (0..10).filter(|_| limiter.admit_at(one, (1, 10), start + at).is_ok()).count();
        assert_eq!(admitted(Duration::ZERO), 3);
        assert_eq!(admitted(SECOND), 2, "the minute is used up");
        assert!(limiter.admit_at(other, (1, 900), start).is_ok() && limiter.admit_at(other, (1, 900), start).is_err());
        assert_eq!(admitted(MINUTE), 3);
        let drop = Change::Drop { ids: Vec::new() };
        assert!((0..10_000).all(|_| limiter.admit(Sender::Owner, &drop).is_ok()));
    }

    #[test]
    fn no_more_senders_are_remembered_than_there_is_room_for() {
        let (limiter, now) = (ChangeLimiter::new(1, 1, 1), Instant::now());
        for number in 0..u32::try_from(limits::PACED_SENDERS).unwrap() + 10 {
            let _ = limiter.admit_at(IpAddr::from(number.to_be_bytes()), (1, 1), now);
        }
        assert!(limiter.senders.lock().unwrap().len() <= limits::PACED_SENDERS);
    }
}
