//! What the node remembers of its health: since when each check has been as it is, its members and its disk.

use super::{
    disk_look::{DiskLook, DiskState},
    report::{Check, CheckName, CheckStatus},
};
use crate::runtime::{clock, disk::Space, limits};
use jiff::Timestamp;
use std::{
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// What the node remembers of its health.
#[derive(Debug, Default)]
pub struct Health {
    states: Mutex<Vec<(CheckName, CheckStatus, Timestamp)>>,
    /// The looks at the disk that holds the node's directory.
    pub(super) disk_look: Arc<DiskLook>,
    /// True when people were told that members get nothing.
    told_held: AtomicBool,
}

impl Health {
    /// Returns the space of the disk that holds the node's directory, as of the last look; nothing when it does not answer.
    #[must_use]
    pub fn space(&self) -> Option<Space> {
        match self.disk() {
            DiskState::Answers(space) => Some(space),
            DiskState::Unknown | DiskState::Refuses(_) | DiskState::Silent(_) => None,
        }
    }

    /// Returns that space, or why it is not known.
    ///
    /// # Errors
    /// What the disk refused with; [`io::ErrorKind::TimedOut`] while it does not answer.
    pub fn space_or_reason(&self) -> io::Result<Space> {
        match self.disk() {
            DiskState::Answers(space) => Ok(space),
            DiskState::Refuses(reason) => Err(io::Error::other(reason)),
            DiskState::Unknown | DiskState::Silent(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    /// Returns how that disk is.
    pub(super) fn disk(&self) -> DiskState {
        self.disk_look.state(limits::DISK_SILENT)
    }

    /// Takes note whether members get nothing, and tells whether that is news.
    pub(super) fn is_news(&self, held: bool) -> bool {
        self.told_held.swap(held, Ordering::AcqRel) != held
    }

    /// Gives a finding the time since which it has been so; the log tells when one changes that nothing else tells.
    pub(super) fn note(&self, name: CheckName, status: CheckStatus, detail: String) -> Check {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        let known = states.iter_mut().find(|(known, ..)| *known == name);
        let since = match known {
            Some((_, before, since)) if *before == status => *since,
            Some((_, before, since)) => {
                tell(name, *before, status, &detail);
                (*before, *since) = (status, clock::now());
                *since
            }
            None => {
                let now = clock::now();
                tell(name, CheckStatus::Pass, status, &detail);
                states.push((name, status, now));
                now
            }
        };
        drop(states);
        Check { name, status, since, detail }
    }
}

/// Writes a change into the log; of what is not named here the room where it happens tells itself.
fn tell(name: CheckName, before: CheckStatus, now: CheckStatus, detail: &str) {
    if !matches!(name, CheckName::Disk | CheckName::Certificate | CheckName::Members) || before == now {
        return;
    }
    if now == CheckStatus::Pass {
        tracing::info!(check = name.as_str(), "{detail}");
    } else {
        tracing::warn!(check = name.as_str(), "{detail}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_keeps_its_time_until_it_changes() {
        let health = Health::default();
        let note = |status| health.note(CheckName::Database, status, String::new()).since;
        let first = note(CheckStatus::Pass);
        assert_eq!(note(CheckStatus::Pass), first);
        let away = note(CheckStatus::Degraded);
        assert!(away >= first);
        assert_eq!(note(CheckStatus::Degraded), away);
        assert!(note(CheckStatus::Pass) >= away);
    }
}
