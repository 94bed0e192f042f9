//! What the rounds came to.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// Figures of the rounds of one start.
#[derive(Debug, Default)]
pub(super) struct RoundCounters {
    calls: AtomicU64,
    loads: AtomicU64,
    ok: AtomicU64,
    errors: AtomicU64,
    updated: Mutex<Option<Instant>>,
    succeeded: Mutex<Option<Instant>>,
}

impl RoundCounters {
    /// Counts the start of a round.
    pub(super) fn begin(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a round that ended well.
    pub(super) fn succeed(&self) {
        self.ok.fetch_add(1, Ordering::Relaxed);
        *self.succeeded.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Counts a round that failed.
    pub(super) fn fail(&self) {
        self.errors.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a change of the local copy.
    pub(super) fn load(&self) {
        self.loads.fetch_add(1, Ordering::Relaxed);
        *self.updated.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Returns rounds, loads, good rounds, failed rounds.
    pub(super) fn figures(&self) -> [u64; 4] {
        [&self.calls, &self.loads, &self.ok, &self.errors].map(|counter| counter.load(Ordering::Relaxed))
    }

    /// Returns the time since the last round that ended well.
    pub(super) fn since_success(&self) -> Option<Duration> {
        self.succeeded.lock().unwrap_or_else(PoisonError::into_inner).map(|at| at.elapsed())
    }

    /// Returns the seconds since the local copy changed.
    pub(super) fn since_update(&self) -> Option<u64> {
        self.updated.lock().unwrap_or_else(PoisonError::into_inner).map(|at| at.elapsed().as_secs())
    }
}
