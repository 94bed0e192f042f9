//! The lines of a backup.

use crate::ledger::{SnapshotChange, SnapshotPolicy, SnapshotRow, SnapshotTombstone};
use crate::node::BackupCounts;
use serde::{Deserialize, Serialize};

/// The version of the format that this program writes and reads.
pub const FORMAT: u32 = 1;

/// What the first line says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of the format.
    pub format: u32,
    /// The program that wrote it, with its version.
    pub product: String,
    /// UTC time at which it was begun, in the form of policy dates.
    pub time: String,
    /// The kind of the database: `sqlite` or `psql`.
    pub engine: String,
    /// The number of the last change of the ledger.
    pub version: i64,
}

/// What the last line says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// How many rows there are.
    pub counts: BackupCounts,
    /// The SHA-256 of all bytes before this line, in lower-case hexadecimal digits.
    pub sha256: String,
}

/// A line that is read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReadLine {
    /// The first line.
    Backup(Manifest),
    /// A row of the ledger table.
    Policy(SnapshotPolicy),
    /// A line of the history.
    Change(SnapshotChange),
    /// What a changed row had beside its text.
    Row(SnapshotRow),
    /// A deletion.
    Tombstone(SnapshotTombstone),
    /// The last line.
    Seal(Seal),
}

/// A line that is written.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum WrittenLine<'a> {
    /// The first line.
    Backup(&'a Manifest),
    /// A row of the ledger table.
    Policy(&'a SnapshotPolicy),
    /// A line of the history.
    Change(&'a SnapshotChange),
    /// What a changed row had beside its text.
    Row(&'a SnapshotRow),
    /// A deletion.
    Tombstone(&'a SnapshotTombstone),
    /// The last line.
    Seal(&'a Seal),
}
