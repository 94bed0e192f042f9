//! What the tables hold now, as far as a restore and a comparison have to know it.

use crate::ledger::{
    error::Error,
    snapshot::row::{RowDigest, SnapshotItem, SnapshotPolicy},
    store::{outage::Outage, store::Store},
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use tokio::sync::mpsc;

/// Parts that are read ahead.
const PARTS_AHEAD: usize = 4;

/// The rows and lines of the tables at one moment.
#[derive(Clone, Debug, Default)]
pub struct CurrentTables {
    /// The number of the last change.
    pub version: i64,
    /// The rows of the ledger table by id.
    pub rows: HashMap<Vec<u8>, CurrentRow>,
    /// What stands for each line of the history.
    pub changes: HashSet<RowDigest>,
    /// Bytes of the texts of all policies.
    pub bytes: u64,
}

/// A row of the ledger table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentRow {
    /// `sequence_id`.
    pub sequence: i64,
    /// What stands for the other columns.
    pub digest: RowDigest,
    /// Type of the policy, as people read it.
    pub kind: String,
    /// Bytes of its text.
    pub bytes: u64,
}

impl CurrentTables {
    /// Reads the tables; what is kept of them is made on a thread of its own.
    ///
    /// # Errors
    /// The database's own.
    pub async fn read(store: &dyn Store) -> Result<Self, Error> {
        let (items, mut read) = mpsc::channel::<Vec<SnapshotItem>>(PARTS_AHEAD);
        let build = tokio::task::spawn_blocking(move || {
            let mut tables = Self::default();
            while let Some(items) = read.blocking_recv() {
                items.into_iter().for_each(|item| tables.add(item));
            }
            tables
        });
        store.snapshot(items).await?;
        Ok(build.await.map_err(|error| Outage::LoadFailed(Arc::new(error)))?)
    }

    /// Tells whether the ledger table has all rows of a backup as they are there.
    #[must_use]
    pub fn has(&self, policies: &[SnapshotPolicy]) -> bool {
        policies.iter().all(|row| self.rows.get(row.id.as_bytes()).is_some_and(|there| there.digest == row.digest()))
    }

    /// Adds one item of a snapshot.
    pub fn add(&mut self, item: SnapshotItem) {
        match item {
            SnapshotItem::Version(version) => self.version = version,
            SnapshotItem::Policy(row) => {
                let (sequence, bytes) = (row.sequence, row.bytes());
                let current = CurrentRow { sequence, digest: row.digest(), kind: row.kind.shown().into_owned(), bytes };
                self.bytes = self.bytes.saturating_add(bytes);
                self.rows.insert(row.id.as_bytes().to_vec(), current);
            }
            SnapshotItem::Change(line) => drop(self.changes.insert(line.digest())),
            SnapshotItem::Row(_) | SnapshotItem::Tombstone(_) => {}
        }
    }
}
