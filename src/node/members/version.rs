//! Versions of the ledger: the one that a member holds, the one that there is, and what lies between them.

use jiff::Timestamp;
use std::time::Duration;

/// The version of the ledger that a member holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldVersion {
    /// Number of the view that it is the export of.
    pub generation: u64,
    /// Its MD5.
    pub md5: String,
    /// Since when the member holds it.
    pub since: Timestamp,
}

/// The ledger as it is now, as far as members can hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerVersion {
    /// Number of the view.
    pub generation: u64,
    /// MD5 of its export, when somebody has asked for it.
    pub md5: Option<String>,
}

impl LedgerVersion {
    /// Tells whether a member that holds a version holds this one. Two views may have the same export.
    #[must_use]
    pub fn is_held_as(&self, held: &HeldVersion) -> bool {
        held.generation >= self.generation || self.md5.as_ref() == Some(&held.md5)
    }
}

/// How far a member is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lag {
    /// Versions of the ledger that it lacks.
    pub changes: u64,
    /// Since when it lacks something.
    pub since: Timestamp,
}

impl Lag {
    /// Returns for how long the member has lacked something.
    #[must_use]
    pub fn time(&self, now: Timestamp) -> Duration {
        Duration::try_from(now.duration_since(self.since)).unwrap_or_default()
    }
}
