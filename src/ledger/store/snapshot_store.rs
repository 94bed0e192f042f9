//! What backups need of a database.

use crate::ledger::{
    snapshot::{restore::RestoreBatch, row::SnapshotSender},
    store::error::StoreError,
};
use async_trait::async_trait;
use std::sync::Arc;

/// Everything that the tables of a ledger hold, as of one moment, and a ledger that is made of it again.
#[async_trait]
pub trait SnapshotStore: Send + Sync {
    /// Reads the tables in one transaction that only reads and that changes do not wait for, and hands over all they hold.
    async fn snapshot(&self, items: SnapshotSender) -> Result<(), StoreError>;
    /// Writes a restore in one transaction; returns after the commit. [`StoreError::Conflict`] when the tables changed since it
    /// was planned.
    async fn restore(&self, batch: Arc<RestoreBatch>) -> Result<(), StoreError>;
}
