//! What the ledger needs of a database.

use crate::ledger::{
    history::{
        past_change::{HistorySelection, PastChange},
        row::HistoryRow,
    },
    store::{
        batch::{Batch, Committed},
        change_set::ChangeSet,
        engine::Engine,
        error::StoreError,
        history_lines::HistoryLines,
        outbox_store::OutboxStore,
        row::RowSender,
        snapshot_store::SnapshotStore,
    },
};
use async_trait::async_trait;

/// The ledger table with its history, its snapshots and the outbox of a relay, in one database.
#[async_trait]
pub trait Store: OutboxStore + SnapshotStore + HistoryLines {
    /// Returns the kind of the database.
    fn engine(&self) -> Engine;
    /// Tells whether the ledger table exists.
    async fn exists(&self) -> Result<bool, StoreError>;
    /// Creates the ledger table and the tables beside it, as far as they are missing.
    async fn prepare(&self) -> Result<(), StoreError>;
    /// Reads the whole table and returns its version.
    async fn load(&self, rows: RowSender) -> Result<i64, StoreError>;
    /// Returns what changed since a version.
    async fn changes_since(&self, version: i64) -> Result<ChangeSet, StoreError>;
    /// Writes a batch in one transaction; returns after the commit.
    async fn commit(&self, batch: &Batch) -> Result<Committed, StoreError>;
    /// Commits a change that leaves nothing behind, to learn whether the database takes changes.
    async fn try_writing(&self) -> Result<(), StoreError>;
    /// Returns the changes of one policy, oldest first; absent when they take more than so many bytes of memory.
    async fn history(&self, id: &str, most: u64) -> Result<Option<Vec<HistoryRow>>, StoreError>;
    /// Returns all changes after a UTC time, newest first, with the texts before them alone; absent when they take more than so
    /// many bytes of memory.
    async fn history_since(&self, time: &str, most: u64) -> Result<Option<Vec<HistoryRow>>, StoreError>;
    /// Returns the changes that were made, newest first, at most so many.
    async fn past_changes(&self, which: &HistorySelection, most: usize) -> Result<Vec<PastChange>, StoreError>;
    /// Returns the ids that were deleted after a UTC time, with the time of the deletion or the date of the row, whichever is later.
    async fn drops_since(&self, time: &str) -> Result<Vec<(String, String)>, StoreError>;
    /// Returns the most policies that the ledger had, as far as somebody kept it.
    async fn most_policies(&self) -> Result<Option<i64>, StoreError>;
    /// Keeps the most policies that the ledger had.
    async fn keep_most_policies(&self, most: i64) -> Result<(), StoreError>;
    /// Drops the ledger table; the history keeps what it held.
    async fn drop_table(&self, who: &str, time: &str) -> Result<(), StoreError>;
    /// Starts to listen for changes that others make.
    async fn listen(&self) -> Box<dyn ChangeListener>;
    /// Closes the connections.
    async fn close(&self);
}

/// Waits for changes that others make.
#[async_trait]
pub trait ChangeListener: Send {
    /// Returns when somebody else may have changed the table; cancel safe.
    async fn next(&mut self);
}
