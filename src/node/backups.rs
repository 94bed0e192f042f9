//! What backups tell: what a file holds, what differs from the ledger, how the schedule goes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{fmt, path::PathBuf};

/// How many rows of each kind a backup has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupCounts {
    /// Rows of the ledger table.
    pub policies: u64,
    /// Lines of the history.
    pub changes: u64,
    /// What changed rows had beside their texts.
    pub rows: u64,
    /// Deletions that nothing took back.
    pub tombstones: u64,
}

impl fmt::Display for BackupCounts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { policies, changes, rows, tombstones } = self;
        write!(out, "{policies} policies, {changes} changes, {rows} rows of changed policies, {tombstones} tombstones")
    }
}

/// A backup that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupSummary {
    /// The file.
    pub file: PathBuf,
    /// How many rows it has.
    pub counts: BackupCounts,
    /// Bytes of its lines.
    pub bytes: u64,
    /// Bytes of the file, which may be packed.
    pub size: u64,
    /// The SHA-256 in its seal.
    pub sha256: String,
}

/// What the ledger table is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ComparedWith {
    /// The local copy of this node.
    LocalCopy(PathBuf),
    /// A backup.
    Backup(PathBuf),
    /// The copy of another node, by its address.
    Member(String),
}

/// What came of a comparison with the ledger table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// What was compared with the table.
    pub with: String,
    /// Policies that it has.
    pub policies: u64,
    /// Policies of the table that it lacks.
    pub missing: u64,
    /// Policies that it has and the table has not.
    pub extra: u64,
    /// Policies that both have, and not the same.
    pub changed: u64,
    /// The first of them.
    pub differences: Vec<LedgerDifference>,
}

/// One policy that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerDifference {
    /// How.
    pub kind: DifferenceKind,
    /// Its id, as people read it.
    pub id: String,
}

/// How a policy differs from the one of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DifferenceKind {
    /// Only the table has it.
    Missing,
    /// Only the other side has it.
    Extra,
    /// Both have it, and not the same.
    Changed,
}

impl DifferenceKind {
    /// Returns the word for people.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Extra => "extra",
            Self::Changed => "changed",
        }
    }
}

impl Comparison {
    /// Tells whether nothing differs.
    #[must_use]
    pub const fn is_same(&self) -> bool {
        self.missing == 0 && self.extra == 0 && self.changed == 0
    }

    /// Counts a policy that differs, and names it while there is room.
    pub fn note(&mut self, kind: DifferenceKind, id: &str) {
        let count = match kind {
            DifferenceKind::Missing => &mut self.missing,
            DifferenceKind::Extra => &mut self.extra,
            DifferenceKind::Changed => &mut self.changed,
        };
        *count += 1;
        if self.differences.len() < crate::runtime::limits::BACKUP_NAMED {
            self.differences.push(LedgerDifference { kind, id: id.to_owned() });
        }
    }
}

/// How the backups go that the node writes by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupStatus {
    /// Time of the newest one, also of an earlier start.
    pub last: Option<Timestamp>,
    /// When the next one is due.
    pub due: Timestamp,
    /// How many this start wrote.
    pub written: u64,
    /// How many this start failed to write.
    pub failed: u64,
    /// Why the last one failed; nothing when it did not.
    pub trouble: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comparison_counts_all_and_names_some() {
        let mut comparison = Comparison::default();
        assert!(comparison.is_same());
        (0..2000).for_each(|number| comparison.note(DifferenceKind::Extra, &number.to_string()));
        assert!(!comparison.is_same());
        assert_eq!((comparison.extra, comparison.differences.len()), (2000, 1000));
    }
}
