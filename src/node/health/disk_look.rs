//! What is known of the disk that holds the node's directory, also while it does not answer.

use crate::runtime::{clock, disk::Space};
use jiff::Timestamp;
use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::Notify;

/// How the disk is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DiskState {
    /// It was not asked yet, or the directory was not made when it was.
    Unknown,
    /// It answered.
    Answers(Space),
    /// It refused the last question.
    Refuses(String),
    /// It has not answered since then.
    Silent(Timestamp),
}

/// The looks at the disk: one at a time, because a disk that hangs keeps the thread of each.
#[derive(Debug, Default)]
pub(super) struct DiskLook {
    known: Mutex<DiskAnswers>,
    ended: Notify,
}

#[derive(Debug, Default)]
struct DiskAnswers {
    space: Option<Space>,
    refusal: Option<String>,
    /// When the look that is under way began.
    asked: Option<(Instant, Timestamp)>,
}

impl DiskLook {
    /// Looks at the disk on a thread that may wait for it, or joins the look that is under way. Nobody waits for a look that is
    /// older than `patience`.
    pub(super) async fn look(
        self: &Arc<Self>,
        read: impl FnOnce() -> io::Result<Space> + Send + 'static,
        patience: Duration,
    ) {
        let ended = self.ended.notified();
        let waited = match self.begin() {
            Some(waited) => waited,
            None => {
                let look = Arc::clone(self);
                tokio::task::spawn_blocking(move || look.end(read()));
                Duration::ZERO
            }
        };
        let _late = tokio::time::timeout(patience.saturating_sub(waited), ended).await;
    }

    /// Takes note that a look begins; returns how long another one has been under way, if there is one.
    fn begin(&self) -> Option<Duration> {
        let mut known = self.lock();
        let waited = known.asked.map(|(began, _)| began.elapsed());
        if waited.is_none() {
            known.asked = Some((Instant::now(), clock::now()));
        }
        waited
    }

    fn end(&self, answer: io::Result<Space>) {
        let mut known = self.lock();
        known.asked = None;
        match answer {
            Ok(space) => {
                known.space = Some(space);
                known.refusal = None;
            }
            // Before the first answer the directory may not be made yet.
            Err(error) => known.refusal = known.space.map(|_| error.to_string()),
        }
        drop(known);
        self.ended.notify_waiters();
    }

    /// Returns how the disk is; it is silent when a look has been under way for as long as `patience`.
    pub(super) fn state(&self, patience: Duration) -> DiskState {
        let known = self.lock();
        let silent = known.asked.filter(|(began, _)| began.elapsed() >= patience);
        match (silent, &known.refusal, known.space) {
            (Some((_, since)), ..) => DiskState::Silent(since),
            (None, Some(refusal), _) => DiskState::Refuses(refusal.clone()),
            (None, None, Some(space)) => DiskState::Answers(space),
            (None, None, None) => DiskState::Unknown,
        }
    }

    fn lock(&self) -> MutexGuard<'_, DiskAnswers> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::limits;
    use std::sync::mpsc;

    const SPACE: Space = Space { total: 4, used: 1, free: 3 };

    #[tokio::test]
    async fn a_disk_that_hangs_is_asked_once_and_told_until_it_answers() {
        let disk = Arc::new(DiskLook::default());
        let (answer, hanging) = mpsc::sync_channel(1);
        disk.look(move || hanging.recv().unwrap(), Duration::ZERO).await;
        let (second, asked) = mpsc::sync_channel(1);
        let again = move || {
            second.send(()).unwrap();
            Ok(SPACE)
        };
        disk.look(again, Duration::ZERO).await;
        assert!(asked.recv().is_err(), "another look began while one was under way");
        assert_eq!(disk.state(limits::DISK_SILENT), DiskState::Unknown, "it has had no time to answer");
        assert!(matches!(disk.state(Duration::ZERO), DiskState::Silent(_)));

        let ended = disk.ended.notified();
        answer.send(Ok(SPACE)).unwrap();
        ended.await;
        assert_eq!(disk.state(Duration::ZERO), DiskState::Answers(SPACE));
        disk.look(|| Err(io::Error::other("stale")), limits::DISK_LOOK).await;
        assert_eq!(disk.state(Duration::ZERO), DiskState::Refuses("stale".to_owned()));
        disk.look(|| Ok(SPACE), limits::DISK_LOOK).await;
        assert_eq!(disk.state(Duration::ZERO), DiskState::Answers(SPACE));
    }

    #[tokio::test]
    async fn a_directory_that_is_not_made_yet_is_no_trouble_of_the_disk() {
        let disk = Arc::new(DiskLook::default());
        disk.look(|| Err(io::ErrorKind::NotFound.into()), limits::DISK_LOOK).await;
        assert_eq!(disk.state(Duration::ZERO), DiskState::Unknown);
    }
}
