//! Reads what PostgreSQL answered.

use crate::ledger::{
    history::row::HistoryRow,
    store::{
        batch::{Committed, PlacedRow},
        change_set::ChangeSet,
        row::LedgerRow,
    },
};
use sqlx::{Error, Row as _, postgres::PgRow};

/// Reads a row of the ledger table, whose columns begin at a place.
pub fn ledger_row(row: &PgRow, first: usize) -> Result<LedgerRow, Error> {
    Ok(LedgerRow {
        sequence: i64::from(row.try_get::<i32, _>(first)?),
        id: row.try_get(first + 1)?,
        date: row.try_get(first + 2)?,
        host: row.try_get(first + 3)?,
        text: row.try_get::<Option<String>, _>(first + 4)?.unwrap_or_default(),
    })
}

/// Reads what changed since a version.
pub fn change_set(rows: &[PgRow], since: i64) -> Result<ChangeSet, Error> {
    let Some(first) = rows.first() else { return Ok(ChangeSet::Unknown) };
    let version: i64 = first.try_get(0)?;
    if version == since {
        return Ok(ChangeSet::Unchanged);
    }
    let mut changed = Vec::with_capacity(rows.len());
    for row in rows {
        // Without an id: somebody else than a master changed the table, or its version went back.
        let Some(id) = row.try_get::<Option<String>, _>(1)? else { return Ok(ChangeSet::Unknown) };
        let exists = row.try_get::<Option<i32>, _>(2)?.is_some();
        changed.push((id, exists.then(|| ledger_row(row, 2)).transpose()?));
    }
    Ok(ChangeSet::Rows { rows: changed, version })
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
