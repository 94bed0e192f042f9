//! The lines of the history in PostgreSQL: the version of their transaction, and their place in it.

use crate::ledger::{
    history::{
        place::{HistoryLine, HistoryPlace},
        row::HistoryRow,
    },
    store::{
        error::StoreError,
        history_lines::HistoryLines,
        postgres::{
            statements::HISTORY_AFTER,
            store::{ANSWER_TIMEOUT, HISTORY_TIMEOUT, PostgresStore, readable},
        },
    },
};
use async_trait::async_trait;
use sqlx::{Error, Row as _, postgres::PgRow};

const END: &str =
    "SELECT version, place FROM policy_history WHERE version >= 0 ORDER BY version DESC, place DESC LIMIT 1";
const TIME: &str = "SELECT time FROM policy_history WHERE version = $1 AND place = $2";
const AFTER: &str = "SELECT version, place, time, who, what, policy_type, policy_id FROM policy_history
    WHERE (version, place) > ($1, $2) ORDER BY version, place LIMIT $3";
const LAST: &str = "SELECT version, place, time, who, what, policy_type, policy_id FROM policy_history
    WHERE version >= 0 ORDER BY version DESC, place DESC LIMIT $1";

fn place(row: &PgRow) -> Result<HistoryPlace, Error> {
    Ok(HistoryPlace { version: row.try_get(0)?, place: row.try_get(1)? })
}

fn line(row: &PgRow) -> Result<HistoryLine, Error> {
    Ok(HistoryLine {
        place: place(row)?,
        time: row.try_get(2)?,
        who: row.try_get(3)?,
        action: row.try_get::<&str, _>(4)?.parse().ok(),
        kind: row.try_get(5)?,
        id: row.try_get(6)?,
    })
}

#[async_trait]
impl HistoryLines for PostgresStore {
    async fn history_end(&self) -> Result<HistoryPlace, StoreError> {
        let query = sqlx::query(END);
        let rows = self.connections().ask(ANSWER_TIMEOUT, async |connection| query.fetch_all(connection).await);
        Ok(readable(&rows.await?, place).first().copied().unwrap_or_default())
    }

    async fn history_time(&self, at: HistoryPlace) -> Result<Option<String>, StoreError> {
        let query = sqlx::query_scalar(TIME).bind(at.version).bind(at.place);
        self.connections().ask(ANSWER_TIMEOUT, async |connection| query.fetch_optional(connection).await).await
    }

    /// By the version and not by the time: the clocks of several masters differ.
    async fn history_after(&self, at: HistoryPlace, most: u64) -> Result<Option<Vec<HistoryRow>>, StoreError> {
        self.collected(sqlx::query(HISTORY_AFTER).bind(at.version), most).await
    }

    async fn lines_after(&self, after: HistoryPlace, most: i64) -> Result<Vec<HistoryLine>, StoreError> {
        let query = sqlx::query(AFTER).bind(after.version).bind(after.place).bind(most);
        let rows = self.connections().ask(HISTORY_TIMEOUT, async |connection| query.fetch_all(connection).await);
        Ok(readable(&rows.await?, line))
    }

    async fn last_lines(&self, most: i64) -> Result<Vec<HistoryLine>, StoreError> {
        let query = sqlx::query(LAST).bind(most);
        let rows = self.connections().ask(ANSWER_TIMEOUT, async |connection| query.fetch_all(connection).await);
        Ok(readable(&rows.await?, line))
    }
}
