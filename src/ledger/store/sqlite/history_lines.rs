//! The lines of the history of a SQLite file, each with a number of its own.

use crate::ledger::{
    history::{
        place::{HistoryLine, HistoryPlace},
        row::HistoryRow,
    },
    store::{
        error::StoreError,
        history_lines::HistoryLines,
        sqlite::store::{SqliteStore, readable},
        store::Store,
    },
};
use async_trait::async_trait;
use sqlx::{Error, Row as _, sqlite::SqliteRow};

const END: &str = "SELECT coalesce(max(change_id), 0) FROM policy_history";
const TIME: &str = "SELECT time FROM policy_history WHERE change_id = ?1";
const AFTER: &str = "SELECT change_id, time, who, what, policy_type, policy_id FROM policy_history
    WHERE change_id > ?1 ORDER BY change_id LIMIT ?2";
const LAST: &str = "SELECT change_id, time, who, what, policy_type, policy_id FROM policy_history
    ORDER BY change_id DESC LIMIT ?1";

fn line(row: &SqliteRow) -> Result<HistoryLine, Error> {
    Ok(HistoryLine {
        place: HistoryPlace { version: row.try_get(0)?, place: 0 },
        time: row.try_get(1)?,
        who: row.try_get(2)?,
        action: row.try_get::<&str, _>(3)?.parse().ok(),
        kind: row.try_get(4)?,
        id: row.try_get(5)?,
    })
}

#[async_trait]
impl HistoryLines for SqliteStore {
    async fn history_end(&self) -> Result<HistoryPlace, StoreError> {
        let version = sqlx::query_scalar(END).fetch_one(self.pool()).await;
        Ok(HistoryPlace { version: self.answered(version).await?, place: 0 })
    }

    async fn history_time(&self, at: HistoryPlace) -> Result<Option<String>, StoreError> {
        if at.place != 0 {
            return Ok(None);
        }
        let time = sqlx::query_scalar(TIME).bind(at.version).fetch_optional(self.pool()).await;
        self.answered(time).await
    }

    /// By the time: the lines of a transaction have the same one, and a file is written by one master.
    async fn history_after(&self, at: HistoryPlace, most: u64) -> Result<Option<Vec<HistoryRow>>, StoreError> {
        match self.history_time(at).await? {
            Some(time) => self.history_since(&time, most).await,
            None => Ok(Some(Vec::new())),
        }
    }

    async fn lines_after(&self, after: HistoryPlace, most: i64) -> Result<Vec<HistoryLine>, StoreError> {
        let rows = sqlx::query(AFTER).bind(after.version).bind(most).fetch_all(self.pool()).await;
        Ok(readable(&self.answered(rows).await?, line))
    }

    async fn last_lines(&self, most: i64) -> Result<Vec<HistoryLine>, StoreError> {
        let rows = sqlx::query(LAST).bind(most).fetch_all(self.pool()).await;
        Ok(readable(&self.answered(rows).await?, line))
    }
}
