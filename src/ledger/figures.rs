//! What is counted and timed about the ledger, for monitoring.

use crate::ledger::{change::Written, error::Error};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
};
use std::time::Duration;

/// Seconds that a change or a commit may take, from a local file to a server that is far away or busy.
const SECONDS: [f64; 13] = [0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0];
/// Changes of one commit.
const CHANGES: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// Figures of the ledger since the start.
#[derive(Debug)]
pub struct LedgerFigures {
    /// Changes by what came of them.
    pub changes: Family<Outcome, Counter>,
    /// Seconds from the moment a change was sent to its answer.
    pub change_seconds: Histogram,
    /// Seconds that the database took for a transaction, also for one that failed.
    pub commit_seconds: Histogram,
    /// Changes that one transaction wrote.
    pub commit_changes: Histogram,
}

/// What came of a change.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Outcome {
    /// One word of a short list.
    pub outcome: &'static str,
}

impl Default for LedgerFigures {
    fn default() -> Self {
        let changes = Family::default();
        // A row that is there from the start: what happens for the first time is a change of it.
        for outcome in OUTCOMES {
            drop(changes.get_or_create(&Outcome { outcome }));
        }
        Self {
            changes,
            change_seconds: Histogram::new(SECONDS),
            commit_seconds: Histogram::new(SECONDS),
            commit_changes: Histogram::new(CHANGES),
        }
    }
}

impl LedgerFigures {
    /// Counts an answered change.
    pub fn answered(&self, outcome: &Result<Written, Error>, took: Duration) {
        self.changes.get_or_create(&Outcome { outcome: word(outcome) }).inc();
        self.change_seconds.observe(took.as_secs_f64());
    }

    /// Returns how many changes were committed.
    #[must_use]
    pub fn made(&self) -> u64 {
        self.count("committed")
    }

    /// Returns how many changes a rule refused.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.count("refused")
    }

    fn count(&self, outcome: &'static str) -> u64 {
        self.changes.get_or_create(&Outcome { outcome }).get()
    }

    /// Counts a transaction.
    pub fn committed(&self, changes: usize, took: Duration) {
        self.commit_seconds.observe(took.as_secs_f64());
        self.commit_changes.observe(f64::from(u32::try_from(changes).unwrap_or(u32::MAX)));
    }
}

/// The words that an outcome may have.
const OUTCOMES: [&str; 7] = ["committed", "unchanged", "refused", "held", "over_quota", "busy", "unavailable"];

/// Says in one word what came of a change.
const fn word(outcome: &Result<Written, Error>) -> &'static str {
    match outcome {
        Ok(written) if written.ignored => "unchanged",
        Ok(_) => "committed",
        Err(Error::HeldBack { .. }) => "held",
        Err(Error::TooFast { .. } | Error::TooManyHeld { .. } | Error::Full { .. }) => "over_quota",
        Err(Error::Busy) => "busy",
        Err(error) if error.may_pass() => "unavailable",
        Err(_) => "refused",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_outcome_has_its_word() {
        let written = |ignored| Ok(Written { entries: Vec::new(), ignored, generation: 1 });
        for (outcome, expected) in [
            (written(false), "committed"),
            (written(true), "unchanged"),
            (Err(Error::HeldBack { limit: 1 }), "held"),
            (Err(Error::Busy), "busy"),
            (Err(Error::NotConnected), "unavailable"),
            (Err(Error::NoId), "refused"),
        ] {
            assert_eq!(word(&outcome), expected, "{outcome:?}");
            assert!(OUTCOMES.contains(&expected));
        }
    }
}
