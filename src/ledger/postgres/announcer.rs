//! Decides which commits tell the other masters of themselves: a notification wakes every master, so one for many will do.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::Notify;

/// Least time between two notifications; a commit is told no later than that.
const PAUSE: Duration = Duration::from_millis(20);
/// A master that has heard of no other for so long is taken to be alone.
const QUIET: Duration = Duration::from_secs(60);

/// What was told when, and what still has to be.
#[derive(Debug, Default)]
pub(super) struct Announcer {
    state: Mutex<State>,
    late: Notify,
}

#[derive(Debug, Default)]
struct State {
    told: Option<Instant>,
    /// Time at which the commits since then have to be told.
    due: Option<Instant>,
    /// When another master was heard last.
    heard: Option<Instant>,
}

impl Announcer {
    /// Takes note of another master that writes.
    pub(super) fn heard(&self) {
        self.state().heard = Some(Instant::now());
    }

    /// Tells whether no other master has been heard lately.
    pub(super) fn is_alone(&self) -> bool {
        self.state().heard.is_none_or(|heard| heard.elapsed() >= QUIET)
    }

    /// Tells whether the next commit announces itself; [`Announcer::ended`] has to say what came of it.
    pub(super) fn tells(&self) -> bool {
        self.state().told.is_none_or(|told| told.elapsed() >= PAUSE)
    }

    /// Takes note of the end of a commit: one that announced itself told of those before it as well. Of any other, and of
    /// one whose outcome is not known, [`Announcer::due`] makes an announcement in a while.
    pub(super) fn ended(&self, announced: bool) {
        let mut state = self.state();
        let now = Instant::now();
        if announced {
            (state.told, state.due) = (Some(now), None);
            return;
        }
        let next = state.told.map_or(now, |told| told + PAUSE);
        state.due.get_or_insert(next);
        drop(state);
        self.late.notify_one();
    }

    /// Returns when commits have to be announced that did not do so themselves. Cancel safe.
    pub(super) async fn due(&self) {
        loop {
            let due = self.state().due;
            match due {
                None => self.late.notified().await,
                Some(due) => {
                    tokio::time::sleep_until(due.into()).await;
                    if self.take() {
                        return;
                    }
                }
            }
        }
    }

    /// Takes over the announcement; false when a commit announced itself and those before it meanwhile.
    fn take(&self) -> bool {
        let mut state = self.state();
        let taken = state.due.take().is_some();
        if taken {
            state.told = Some(Instant::now());
        }
        taken
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn commits_in_a_row_are_told_by_the_first_and_once_more() {
        let announcer = Announcer::default();
        assert!(announcer.tells());
        announcer.ended(true);
        assert!(announcer.state().due.is_none());
        announcer.ended(false);
        announcer.ended(false);
        announcer.due().await;
        assert!(announcer.state().due.is_none());
    }

    #[test]
    fn a_master_is_alone_until_it_hears_another() {
        let announcer = Announcer::default();
        assert!(announcer.is_alone());
        announcer.heard();
        announcer.ended(true);
        assert!(!announcer.is_alone());
    }

    #[tokio::test]
    async fn a_failed_commit_takes_nothing_off_what_is_due() {
        let announcer = Announcer::default();
        announcer.ended(true);
        announcer.ended(false);
        let due = announcer.state().due;
        assert!(due.is_some());
        announcer.ended(false);
        assert_eq!(announcer.state().due, due);
        announcer.due().await;
    }
}
