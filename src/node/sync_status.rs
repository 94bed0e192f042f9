//! What the synchroniser of the local copy is asked for, and its figures.

use super::platforms::PlatformName;
use anylog_values::Address;
use std::time::Duration;

/// What `run blockchain sync where …` asks for (reference/ledger 8.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncOptions {
    /// `master`, `dbms` or `blockchain`.
    pub source: String,
    /// Time between two rounds.
    pub every: Duration,
    /// Copies to keep: `file`, `dbms`.
    pub destinations: Vec<String>,
    /// Address of the master.
    pub connection: Option<Address>,
    /// The platform, when the source is `blockchain`.
    pub platform: Option<PlatformName>,
    /// Another local file than `!blockchain_file`.
    pub file: Option<String>,
}

/// Figures of the synchroniser (`get synchronizer`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncStatus {
    /// What it was started with.
    pub options: SyncOptions,
    /// Seconds since the last change of the local copy.
    pub since_update: Option<u64>,
    /// Time since the last round that ended well, whether it changed the local copy or not.
    pub since_success: Option<Duration>,
    /// Time since the synchroniser was started.
    pub since_start: Duration,
    /// True when the last round failed.
    pub is_failing: bool,
    /// Rounds started.
    pub calls: u64,
    /// Copies loaded.
    pub loads: u64,
    /// Rounds that ended well.
    pub ok: u64,
    /// Rounds that failed.
    pub errors: u64,
}
