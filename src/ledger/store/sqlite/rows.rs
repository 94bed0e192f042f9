//! Reads what SQLite answered.

use crate::ledger::{
    history::{past_change::PastChange, row::HistoryRow},
    store::{
        batch::PlacedRow,
        row::{EMPTY, LedgerRow},
    },
};
use sqlx::{Error, Row as _, sqlite::SqliteRow};

/// Reads a row of the ledger table. The columns of the reference have no strict types, so none is checked.
pub fn ledger_row(row: &SqliteRow) -> LedgerRow {
    let column = |at: usize| match row.try_get_unchecked::<Option<String>, _>(at) {
        Ok(text) => text.ok_or_else(|| EMPTY.to_owned()),
        Err(error) => Err(format!("cannot be read: {error}")),
    };
    LedgerRow::from_columns(row.try_get_unchecked(0).unwrap_or_default(), [column(1), column(2), column(3), column(4)])
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

/// Reads a change that was made.
pub fn past_change(row: &SqliteRow) -> Result<PastChange, Error> {
    Ok(PastChange {
        time: row.try_get(0)?,
        who: row.try_get(1)?,
        action: row.try_get::<&str, _>(2)?.parse().map_err(Error::decode)?,
        kind: row.try_get(3)?,
        id: row.try_get(4)?,
        before: row.try_get(5)?,
        host: row.try_get(6)?,
        date: row.try_get(7)?,
    })
}
