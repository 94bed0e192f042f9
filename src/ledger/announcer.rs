//! Decides which commits tell the other masters of themselves: a notification wakes every master, so one for many will do.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::Notify;

/// Least time between two notifications; a commit is told no later than that.
const PAUSE: Duration = Duration::from_millis(20);

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
}

impl Announcer {
    /// Tells whether the next commit announces itself; if not, [`Announcer::due`] returns in a while.
    pub(super) fn tells(&self) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        match state.told.map(|told| told + PAUSE).filter(|next| *next > now) {
            None => {
                *state = State { told: Some(now), due: None };
                true
            }
            Some(next) => {
                state.due.get_or_insert(next);
                drop(state);
                self.late.notify_one();
                false
            }
        }
    }

    /// Returns when commits have to be announced that did not do so themselves. Cancel safe.
    pub(super) async fn due(&self) {
        loop {
            let due = self.state.lock().unwrap_or_else(PoisonError::into_inner).due;
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
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = state.due.take().is_some();
        if taken {
            state.told = Some(Instant::now());
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn commits_in_a_row_are_told_by_the_first_and_once_more() {
        let announcer = Announcer::default();
        assert!(announcer.tells());
        while announcer.tells() {}
        announcer.due().await;
        assert!(announcer.state.lock().unwrap().due.is_none());
    }
}
