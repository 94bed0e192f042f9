//! What a restore is asked for, what it writes, and what came of it.

use crate::ledger::{
    outbox::row::OutboxEntry,
    snapshot::row::{SnapshotChange, SnapshotPolicy, SnapshotRow},
};
use std::path::PathBuf;

/// What becomes of a ledger that has policies already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestoreMode {
    /// It is not touched: only an empty ledger becomes the backup.
    EmptyOnly,
    /// It gets what it lacks; what it has stays, and what was dropped after its date stays dropped.
    Merge,
    /// It becomes exactly the backup.
    Replace,
}

/// A backup that was read and found whole, and what to do with it.
#[derive(Clone, Debug)]
pub struct RestoreOrder {
    /// The rows of the ledger table in the order of their numbers, each number and id once.
    pub policies: Vec<SnapshotPolicy>,
    /// The lines of the history, oldest first.
    pub changes: Vec<SnapshotChange>,
    /// What changed rows had beside their texts.
    pub rows: Vec<SnapshotRow>,
    /// What becomes of a ledger that has policies.
    pub mode: RestoreMode,
    /// True to tell what would be done, and do nothing.
    pub is_dry: bool,
}

/// What a store writes for a restore, in one transaction.
#[derive(Clone, Debug, Default)]
pub struct RestoreBatch {
    /// Version of the table that it was planned against.
    pub version: i64,
    /// UTC time, in the form of policy dates.
    pub time: String,
    /// Who asked for it.
    pub who: String,
    /// Numbers of the rows that are deleted; each is a `drop` in the history.
    pub removed: Vec<i64>,
    /// Rows that get other values, by the number that they have; each is a `replace` in the history.
    pub replaced: Vec<(i64, SnapshotPolicy)>,
    /// Rows that get another number alone, by the one that they have; the history does not tell.
    pub moved: Vec<(i64, SnapshotPolicy)>,
    /// Rows that are added; each is an `insert` in the history.
    pub added: Vec<SnapshotPolicy>,
    /// True when added and replaced rows get the numbers that they bring; else the database numbers added ones, in their order.
    pub keeps_numbers: bool,
    /// Lines of the history that the database does not have, oldest first; they come before all that it has.
    pub changes: Vec<SnapshotChange>,
    /// What changed rows had beside their texts; what is there stays.
    pub rows: Vec<SnapshotRow>,
    /// What of it goes to a contract platform.
    pub outbox: Vec<OutboxEntry>,
}

impl RestoreBatch {
    /// Tells whether nothing is to be written.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        let rows =
            self.removed.is_empty() && self.replaced.is_empty() && self.moved.is_empty() && self.added.is_empty();
        rows && self.changes.is_empty()
    }

    /// Returns the numbers of the rows that make room: those that go, and those that come back with other values or numbers.
    pub fn making_room(&self) -> impl Iterator<Item = i64> {
        let replaced = self.replaced.iter().chain(&self.moved).map(|(sequence, _)| *sequence);
        self.removed.iter().copied().chain(replaced)
    }

    /// Returns the rows that are written, in the order of the backup, each with the number that it gets; without one the database
    /// numbers it.
    #[must_use]
    pub fn written(&self) -> Vec<(Option<i64>, &SnapshotPolicy)> {
        let replaced = self.replaced.iter().chain(&self.moved).map(|(_, row)| (Some(row.sequence), row));
        let added = self.added.iter().map(|row| (self.keeps_numbers.then_some(row.sequence), row));
        let mut rows: Vec<_> = replaced.chain(added).collect();
        rows.sort_by_key(|(_, row)| row.sequence);
        rows
    }
}

/// One policy that a restore concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestoredPolicy {
    /// What happens to it.
    pub effect: RestoreEffect,
    /// Its type, as people read it.
    pub kind: String,
    /// Its id, as people read it.
    pub id: String,
}

/// What a restore does to one policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RestoreEffect {
    /// It comes into the ledger.
    Added,
    /// It becomes what it is in the backup.
    Replaced,
    /// It is removed, because the backup does not have it.
    Removed,
    /// It is another one in the ledger, which stays.
    Differs,
    /// It was dropped after its date and stays so.
    StaysDropped,
}

impl RestoreEffect {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Added, Self::Replaced, Self::Removed, Self::Differs, Self::StaysDropped];

    /// Returns the words for people.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Replaced => "replaced",
            Self::Removed => "removed",
            Self::Differs => "differs and stays",
            Self::StaysDropped => "stays dropped",
        }
    }
}

/// What a restore did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RestoreReport {
    /// Policies of the backup.
    pub in_backup: usize,
    /// Policies that the ledger table had.
    pub before: usize,
    /// Policies that it has afterwards.
    pub after: usize,
    /// The policies that are not as they are in the backup and stay so, or were not and are now.
    pub policies: Vec<RestoredPolicy>,
    /// Lines of the history that came with it.
    pub history: usize,
    /// True when nothing was done.
    pub is_dry: bool,
    /// Where the local copy was kept that had policies which the table lacked.
    pub kept_copy: Option<PathBuf>,
    /// Policies that the ledger had and has, when members keep their copy until somebody confirms that.
    pub shrunk: Option<(usize, usize)>,
}

impl RestoreReport {
    /// Returns how many policies something happens to.
    #[must_use]
    pub fn count(&self, effect: RestoreEffect) -> usize {
        self.policies.iter().filter(|policy| policy.effect == effect).count()
    }
}
