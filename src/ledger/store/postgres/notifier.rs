//! Decides which commits notify the other masters. A notification wakes every master, so one stands for many commits.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::Notify;

/// Least time between two notifications; the other masters hear of a commit no later than that.
const PAUSE: Duration = Duration::from_millis(20);

/// Which commits the other masters have been notified of, and when they have to be notified of the rest.
#[derive(Debug, Default)]
pub struct Notifier {
    times: Mutex<Times>,
    /// Wakes [`Notifier::due`] when a notification becomes due.
    late: Notify,
}

#[derive(Debug, Default)]
struct Times {
    /// Time of the last notification.
    notified: Option<Instant>,
    /// Time at which the commits since then have to be notified of.
    due: Option<Instant>,
}

impl Notifier {
    /// Tells whether the next commit should notify the other masters itself; [`Notifier::commit_ended`] has to follow.
    pub fn should_notify(&self) -> bool {
        self.times().notified.is_none_or(|notified| notified.elapsed() >= PAUSE)
    }

    /// Takes note of the end of a commit. One that notified stands for those before it as well. For any other, and for one
    /// whose outcome is not known, [`Notifier::due`] asks for a notification after the pause.
    pub fn commit_ended(&self, notified: bool) {
        let mut times = self.times();
        let now = Instant::now();
        if notified {
            *times = Times { notified: Some(now), due: None };
            return;
        }
        let next = times.notified.map_or(now, |notified| notified + PAUSE);
        times.due.get_or_insert(next);
        drop(times);
        self.late.notify_one();
    }

    /// Returns when there are commits of which a notification has to be sent now. Cancel safe.
    pub async fn due(&self) {
        loop {
            let due = self.times().due;
            match due {
                None => self.late.notified().await,
                Some(due) => {
                    tokio::time::sleep_until(due.into()).await;
                    if self.take_due() {
                        return;
                    }
                }
            }
        }
    }

    /// Takes the notification over; false when a commit notified meanwhile.
    fn take_due(&self) -> bool {
        let mut times = self.times();
        let taken = times.due.take().is_some();
        if taken {
            times.notified = Some(Instant::now());
        }
        taken
    }

    fn times(&self) -> MutexGuard<'_, Times> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn of_commits_in_a_row_the_first_notifies_and_one_notification_follows() {
        let notifier = Notifier::default();
        assert!(notifier.should_notify());
        notifier.commit_ended(true);
        assert!(notifier.times().due.is_none());
        notifier.commit_ended(false);
        notifier.commit_ended(false);
        notifier.due().await;
        assert!(notifier.times().due.is_none());
    }

    #[tokio::test]
    async fn a_failed_commit_takes_nothing_off_what_is_due() {
        let notifier = Notifier::default();
        notifier.commit_ended(true);
        notifier.commit_ended(false);
        let due = notifier.times().due;
        assert!(due.is_some());
        notifier.commit_ended(false);
        assert_eq!(notifier.times().due, due);
        notifier.due().await;
    }
}
