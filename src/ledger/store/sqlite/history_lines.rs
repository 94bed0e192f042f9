//! The lines of the history of a SQLite file, each with a number of its own.

use crate::ledger::{
    history::{
        place::{HistoryLine, HistoryPlace},
        row::HistoryRow,
    },
    store::{
        error::StoreError,
        history_lines::HistoryLines,
        sqlite::{rows::readable, store::SqliteStore},
        store::Store,
    },
};
use async_trait::async_trait;
use rusqlite::{OptionalExtension as _, Row};

const END: &str = "SELECT coalesce(max(change_id), 0) FROM policy_history";
const TIME: &str = "SELECT time FROM policy_history WHERE change_id = ?1";
const AFTER: &str = "SELECT change_id, time, who, what, policy_type, policy_id FROM policy_history
    WHERE change_id > ?1 ORDER BY change_id LIMIT ?2";
const LAST: &str = "SELECT change_id, time, who, what, policy_type, policy_id FROM policy_history
    ORDER BY change_id DESC LIMIT ?1";

fn line(row: &Row<'_>) -> rusqlite::Result<HistoryLine> {
    Ok(HistoryLine {
        place: HistoryPlace { version: row.get(0)?, place: 0 },
        time: row.get(1)?,
        who: row.get(2)?,
        action: row.get_ref(3)?.as_str()?.parse().ok(),
        kind: row.get(4)?,
        id: row.get(5)?,
    })
}

#[async_trait]
impl HistoryLines for SqliteStore {
    async fn history_end(&self) -> Result<HistoryPlace, StoreError> {
        let version = self.ask(|connection| connection.query_row(END, [], |row| row.get(0))).await?;
        Ok(HistoryPlace { version, place: 0 })
    }

    async fn history_time(&self, at: HistoryPlace) -> Result<Option<String>, StoreError> {
        if at.place != 0 {
            return Ok(None);
        }
        self.ask(move |connection| connection.query_row(TIME, [at.version], |row| row.get(0)).optional()).await
    }

    /// By the time: the lines of a transaction have the same one, and a file is written by one master.
    async fn history_after(&self, at: HistoryPlace, most: u64) -> Result<Option<Vec<HistoryRow>>, StoreError> {
        match self.history_time(at).await? {
            Some(time) => self.history_since(&time, most).await,
            None => Ok(Some(Vec::new())),
        }
    }

    async fn lines_after(&self, after: HistoryPlace, most: i64) -> Result<Vec<HistoryLine>, StoreError> {
        self.ask(move |connection| readable(connection, AFTER, [after.version, most], line)).await
    }

    async fn last_lines(&self, most: i64) -> Result<Vec<HistoryLine>, StoreError> {
        self.ask(move |connection| readable(connection, LAST, [most], line)).await
    }
}
