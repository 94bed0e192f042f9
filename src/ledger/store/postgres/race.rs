//! Tries several places for one that takes changes, so that a dead one costs little time.

use crate::ledger::store::outage::Outage;
use futures_util::{StreamExt as _, stream::FuturesUnordered};
use std::{future::Future, time::Duration};
use tokio::time::{Instant, sleep, sleep_until};

/// How long a place is waited for before the next one is tried beside it.
const HEAD_START: Duration = Duration::from_millis(120);

/// What came of one place or of several.
#[derive(Debug)]
pub struct Attempt<T> {
    /// A connection whose server takes changes.
    pub writable: Option<T>,
    /// One whose server can be read alone.
    pub readable: Option<T>,
    /// Why there is none; of several reasons the one that says most.
    pub failure: Option<Outage>,
}

impl<T> Attempt<T> {
    /// Nothing has been tried.
    #[must_use]
    pub const fn none() -> Self {
        Self { writable: None, readable: None, failure: None }
    }

    /// The place failed.
    #[must_use]
    pub fn failed(failure: Outage) -> Self {
        Self { failure: Some(failure), ..Self::none() }
    }

    /// Takes what came of another place.
    fn add(&mut self, other: Self) {
        self.writable = self.writable.take().or(other.writable);
        self.readable = self.readable.take().or(other.readable);
        // What a server answers says more than that another one did not.
        let answers = |failure: &Option<Outage>| failure.as_ref().is_some_and(Outage::is_answer);
        if self.failure.is_none() || (answers(&other.failure) && !answers(&self.failure)) {
            self.failure = other.failure.or(self.failure.take());
        }
    }
}

/// Tries places in their order, the next one when one has failed or takes long, until one takes changes, all are tried, or
/// the time is over.
pub async fn race<T, F>(places: impl IntoIterator<Item = F>, deadline: Instant) -> Attempt<T>
where
    F: Future<Output = Attempt<T>>,
{
    let mut places = places.into_iter();
    let mut running: FuturesUnordered<F> = places.next().into_iter().collect();
    let mut found = Attempt::none();
    let mut has_more = true;
    while found.writable.is_none() && !running.is_empty() {
        let starts_next = tokio::select! {
            biased;
            Some(one) = running.next() => {
                found.add(one);
                true
            }
            () = sleep_until(deadline) => break,
            () = sleep(HEAD_START), if has_more => true,
        };
        if starts_next && found.writable.is_none() {
            let next = places.next();
            has_more = next.is_some();
            running.extend(next);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn place(delay: u64, outcome: Attempt<u32>) -> Attempt<u32> {
        sleep(Duration::from_millis(delay)).await;
        outcome
    }

    fn writable(number: u32) -> Attempt<u32> {
        Attempt { writable: Some(number), ..Attempt::none() }
    }

    fn readable(number: u32) -> Attempt<u32> {
        Attempt { readable: Some(number), ..Attempt::none() }
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_millis(400)
    }

    #[tokio::test]
    async fn the_one_that_takes_changes_wins() {
        let found =
            race([place(0, readable(1)), place(0, Attempt::failed(Outage::Silent)), place(0, writable(3))], soon());
        let found = found.await;
        assert_eq!((found.writable, found.readable), (Some(3), Some(1)));
    }

    #[tokio::test]
    async fn a_dead_place_does_not_hold_up_the_next() {
        let start = Instant::now();
        let found = race([place(60_000, writable(1)), place(10, writable(2))], soon()).await;
        assert_eq!(found.writable, Some(2));
        assert!(start.elapsed() >= HEAD_START);
    }

    #[tokio::test]
    async fn without_one_that_takes_changes_the_others_are_known_when_the_time_is_over() {
        let start = Instant::now();
        let found = race([place(60_000, writable(1)), place(10, readable(2))], soon()).await;
        assert_eq!((found.writable, found.readable), (None, Some(2)));
        assert!(start.elapsed() >= Duration::from_millis(400));
        let found = race([place(0, Attempt::<u32>::failed(Outage::Silent))], soon()).await;
        assert!(matches!(found.failure, Some(Outage::Silent)));
    }
}
