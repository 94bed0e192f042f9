//! Reads what PostgreSQL answered.

use crate::ledger::{
    history::{past_change::PastChange, row::HistoryRow},
    store::{
        batch::{Committed, PlacedRow},
        change_set::ChangeSet,
        postgres::last_write::LastWrite,
        row::{EMPTY, LedgerRow},
    },
};
use sqlx::{Error, Row as _, ValueRef as _, postgres::PgRow};

/// Reads a row of the ledger table, whose columns begin at a place. Its texts are texts or bytes.
pub fn ledger_row(row: &PgRow, first: usize) -> LedgerRow {
    let column = |at: usize| match row.try_get::<Option<String>, _>(first + at) {
        Ok(text) => text.ok_or_else(|| EMPTY.to_owned()),
        Err(error) => match row.try_get::<Option<Vec<u8>>, _>(first + at) {
            Ok(Some(bytes)) => String::from_utf8(bytes).map_err(|_| "is no text in UTF-8".to_owned()),
            Ok(None) => Err(EMPTY.to_owned()),
            Err(_) => Err(format!("cannot be read: {error}")),
        },
    };
    // The number is the primary key, an integer of four bytes in the tables that the network makes.
    let sequence = row.try_get::<i32, _>(first).map(i64::from).or_else(|_| row.try_get(first)).unwrap_or_default();
    LedgerRow::from_columns(sequence, [column(1), column(2), column(3), column(4)])
}

/// Reads what changed since a version, and the write that made the version as it is now.
pub fn change_set(rows: &[PgRow], since: i64) -> Result<(ChangeSet, LastWrite), Error> {
    let Some(first) = rows.first() else { return Ok((ChangeSet::Unknown, LastWrite::default())) };
    let last = LastWrite { version: first.try_get(0)?, time: first.try_get(1)? };
    let is_known: bool = first.try_get(2)?;
    if !is_known {
        // Another write has that number than the one that was seen: the server lost what had been committed.
        return Ok((ChangeSet::Unknown, last));
    }
    if last.version == since {
        return Ok((ChangeSet::Unchanged, last));
    }
    let mut changed = Vec::with_capacity(rows.len());
    for row in rows {
        // Without an id: somebody else than a master changed the table, or its version went back.
        let Ok(Some(id)) = row.try_get::<Option<String>, _>(3) else { return Ok((ChangeSet::Unknown, last)) };
        let exists = !row.try_get_raw(4)?.is_null();
        changed.push((id, exists.then(|| ledger_row(row, 4))));
    }
    Ok((ChangeSet::Rows { rows: changed, version: last.version }, last))
}

/// Reads what a statement that writes returns; absent when it wrote nothing.
pub fn committed(rows: &[PgRow]) -> Result<Option<Committed>, Error> {
    let Some(first) = rows.first() else { return Ok(None) };
    let placed = rows.iter().filter_map(|row| placed_row(row).transpose()).collect::<Result<_, _>>()?;
    Ok(Some(Committed { placed, version: first.try_get(0)? }))
}

fn placed_row(row: &PgRow) -> Result<Option<PlacedRow>, Error> {
    let Some(id) = row.try_get::<Option<String>, _>(1)? else { return Ok(None) };
    Ok(Some(PlacedRow { id, sequence: i64::from(row.try_get::<i32, _>(2)?), date: row.try_get(3)? }))
}

/// Reads a line of the history.
pub fn history_row(row: &PgRow) -> Result<HistoryRow, Error> {
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
pub fn past_change(row: &PgRow) -> Result<PastChange, Error> {
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
