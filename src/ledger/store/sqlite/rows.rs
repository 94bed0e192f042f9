//! Reads what SQLite answered.

use crate::ledger::{
    history::{past_change::PastChange, row::HistoryRow},
    store::row::{EMPTY, LedgerRow},
};
use rusqlite::{
    Connection, Error, Params, Row,
    types::{Type, ValueRef},
};
use std::str::FromStr;

/// Returns the texts of the first column.
///
/// # Errors
/// What SQLite says.
pub fn texts(connection: &Connection, sql: &str, parameters: impl Params) -> rusqlite::Result<Vec<String>> {
    connection.prepare(sql)?.query_map(parameters, |row| row.get(0))?.collect()
}

/// Returns what can be read of the rows of a statement; the others are counted in the log.
///
/// # Errors
/// What SQLite says.
pub fn readable<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    let (mut found, mut unreadable) = (Vec::new(), 0_usize);
    while let Some(row) = rows.next()? {
        match read(row) {
            Ok(item) => found.push(item),
            Err(_) => unreadable += 1,
        }
    }
    if unreadable > 0 {
        tracing::warn!(lines = unreadable, "lines of the history cannot be read and are left out");
    }
    Ok(found)
}

/// Reads a word that has a meaning.
///
/// # Errors
/// A word that has none.
pub fn word<T>(row: &Row<'_>, at: usize) -> rusqlite::Result<T>
where
    T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    let text = row.get_ref(at)?.as_str()?;
    text.parse().map_err(|error| Error::FromSqlConversionFailure(at, Type::Text, Box::new(error)))
}

/// Reads a row of the ledger table: its number, id, date, host and policy, each of the texts cast to one. Whatever is there is
/// read as text.
pub fn ledger_row(row: &Row<'_>) -> LedgerRow {
    let column = |at: usize| match row.get_ref(at) {
        Ok(ValueRef::Text(text)) => match std::str::from_utf8(text) {
            Ok(text) => Ok(text.to_owned()),
            Err(error) => Err(format!("cannot be read: {error}")),
        },
        Ok(_) => Err(EMPTY.to_owned()),
        Err(error) => Err(format!("cannot be read: {error}")),
    };
    let sequence = row.get_ref(0).ok().and_then(|number| number.as_i64().ok()).unwrap_or_default();
    LedgerRow::from_columns(sequence, [column(1), column(2), column(3), column(4)])
}

/// Reads a line of the history.
///
/// # Errors
/// A column that holds something else.
pub fn history_row(row: &Row<'_>) -> rusqlite::Result<HistoryRow> {
    Ok(HistoryRow {
        time: row.get(0)?,
        who: row.get(1)?,
        action: word(row, 2)?,
        kind: row.get(3)?,
        id: row.get(4)?,
        before: row.get(5)?,
        after: row.get(6)?,
    })
}

/// Reads a change that was made.
///
/// # Errors
/// A column that holds something else.
pub fn past_change(row: &Row<'_>) -> rusqlite::Result<PastChange> {
    Ok(PastChange {
        time: row.get(0)?,
        who: row.get(1)?,
        action: word(row, 2)?,
        kind: row.get(3)?,
        id: row.get(4)?,
        before: row.get(5)?,
        host: row.get(6)?,
        date: row.get(7)?,
    })
}
