//! Reads what PostgreSQL answered: rows and errors.

use crate::ledger::store::{Committed, Deed, HistoryRow, Placed, Row, StoreError};
use sqlx::{Row as _, postgres::PgRow};

pub(super) fn read_row(row: &PgRow, first: usize) -> Result<Row, sqlx::Error> {
    Ok(Row {
        sequence: i64::from(row.try_get::<i32, _>(first)?),
        id: row.try_get(first + 1)?,
        date: row.try_get(first + 2)?,
        host: row.try_get(first + 3)?,
        text: row.try_get::<Option<String>, _>(first + 4)?.unwrap_or_default(),
    })
}

/// Reads what a statement that writes returns; absent when it wrote nothing.
pub(super) fn committed(rows: &[PgRow]) -> Result<Option<Committed>, sqlx::Error> {
    let Some(first) = rows.first() else { return Ok(None) };
    let placed = rows.iter().filter_map(|row| read_placed(row).transpose()).collect::<Result<_, _>>()?;
    Ok(Some(Committed { placed, version: first.try_get(0)? }))
}

fn read_placed(row: &PgRow) -> Result<Option<Placed>, sqlx::Error> {
    let Some(id) = row.try_get::<Option<String>, _>(1)? else { return Ok(None) };
    Ok(Some(Placed { id, sequence: i64::from(row.try_get::<i32, _>(2)?), date: row.try_get(3)? }))
}

pub(super) fn read_history(row: &PgRow) -> Result<HistoryRow, sqlx::Error> {
    Ok(HistoryRow {
        time: row.try_get(0)?,
        who: row.try_get(1)?,
        what: Deed::read(row.try_get(2)?)?,
        kind: row.try_get(3)?,
        id: row.try_get(4)?,
        before: row.try_get(5)?,
        after: row.try_get(6)?,
    })
}

/// Sorts a failure into what the writer has to do about it (SQLSTATE classes).
pub(super) fn explain(error: &sqlx::Error) -> StoreError {
    let Some(db) = error.as_database_error() else {
        return match error {
            sqlx::Error::Io(_) | sqlx::Error::Protocol(_) => StoreError::Lost(error.to_string()),
            sqlx::Error::PoolTimedOut => StoreError::Unavailable("the database cannot be reached".to_owned()),
            _ => StoreError::Unavailable(format!("the database cannot be reached: {error}")),
        };
    };
    let (code, text) = (db.code().unwrap_or_default(), db.message().to_owned());
    match code.as_ref() {
        "42P01" if text.contains("\"ledger\"") || text.contains("\"policy_history\"") => StoreError::NoTable,
        "25006" => {
            StoreError::Unavailable("the database is read-only; writing resumes when it accepts writes".to_owned())
        }
        "53100" => StoreError::Unavailable(
            "the disk of the database is full; free space, writing resumes by itself".to_owned(),
        ),
        "40001" | "40P01" => StoreError::Moved,
        "57P01" | "57P02" | "57P03" | "08000" | "08003" | "08006" => StoreError::Lost(text),
        code if code.starts_with("22") || code.starts_with("23") => StoreError::Refused(text),
        _ => StoreError::Unavailable(text),
    }
}
