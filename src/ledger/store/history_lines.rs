//! What who follows the changes needs of a database.

use crate::ledger::{
    history::{
        place::{HistoryLine, HistoryPlace},
        row::HistoryRow,
    },
    store::error::StoreError,
};
use async_trait::async_trait;

/// The lines of the history in their order.
#[async_trait]
pub trait HistoryLines: Send + Sync {
    /// Returns the place of the last line; that before all lines when there is none.
    async fn history_end(&self) -> Result<HistoryPlace, StoreError>;
    /// Returns the time of a line; nothing when it is not there.
    async fn history_time(&self, at: HistoryPlace) -> Result<Option<String>, StoreError>;
    /// Returns the lines behind the transaction of a line, newest first, with the texts before them alone; absent when they take
    /// more than so many bytes of memory.
    async fn history_after(&self, at: HistoryPlace, most: u64) -> Result<Option<Vec<HistoryRow>>, StoreError>;
    /// Returns the lines behind a place, oldest first, at most so many.
    async fn lines_after(&self, after: HistoryPlace, most: i64) -> Result<Vec<HistoryLine>, StoreError>;
    /// Returns the last lines, newest first, at most so many.
    async fn last_lines(&self, most: i64) -> Result<Vec<HistoryLine>, StoreError>;
}
