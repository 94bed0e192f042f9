//! Reads what SQLite answered.

use crate::ledger::{
    history::row::HistoryRow,
    store::{batch::PlacedRow, row::LedgerRow},
};
use sqlx::{Error, Row as _, sqlite::SqliteRow};

/// Reads a row of the ledger table. The columns of the reference have no strict types, so none is checked.
pub fn ledger_row(row: &SqliteRow) -> Result<LedgerRow, Error> {
    Ok(LedgerRow {
        sequence: row.try_get(0)?,
        id: row.try_get_unchecked(1)?,
        date: row.try_get_unchecked(2)?,
        host: row.try_get_unchecked(3)?,
        text: row.try_get_unchecked::<Option<String>, _>(4)?.unwrap_or_default(),
    })
}

/// Reads where a written row stands.
pub fn placed_row(row: &SqliteRow) -> Result<PlacedRow, Error> {
    Ok(PlacedRow { id: row.try_get_unchecked(0)?, sequence: row.try_get(1)?, date: row.try_get_unchecked(2)? })
}

/// Reads a line of the history.
pub fn history_row(row: &SqliteRow) -> Result<HistoryRow, Error> {
    Ok(HistoryRow {
        time: row.try_get(0)?,
        who: row.try_get(1)?,
        action: row.try_get::<&str, _>(2)?.parse().map_err(Error::decode)?,
        kind: row.try_get(3)?,
        id: row.try_get(4)?,
        before: row.try_get(5)?,
        after: row.try_get(6)?,
    })
}
