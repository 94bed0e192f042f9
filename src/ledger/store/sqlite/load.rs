//! Reads the whole ledger table of a file on a connection of its own. The rows come from it straight from the pages of the file;
//! each one that the connection of the writer hands over is copied twice and changes threads.

use crate::ledger::store::{
    error::StoreError,
    row::{EMPTY, LedgerRow, ROWS_TOGETHER, RowSender},
    sqlite::store::BUSY_TIMEOUT,
};
use rusqlite::{Connection, OpenFlags, Row, types::ValueRef};
use std::path::Path;

/// Reads the whole table. The columns of the reference have no strict types: whatever is there is read as text.
const LOAD: &str =
    "SELECT CAST(sequence_id AS INTEGER), CAST(policy_id AS TEXT), CAST(date AS TEXT), CAST(host AS TEXT),
    CAST(policy AS TEXT) FROM ledger";

/// Why the rows did not all arrive.
#[derive(Debug)]
pub enum LoadFailure {
    /// The file could not be read this way.
    File(rusqlite::Error),
    /// Nobody takes them any more.
    Receiver(StoreError),
}

impl From<rusqlite::Error> for LoadFailure {
    fn from(error: rusqlite::Error) -> Self {
        Self::File(error)
    }
}

/// Sends every row of the table; waits for the disk and for who takes them.
///
/// # Errors
/// Why they did not all arrive.
pub fn send_rows(path: &Path, rows: &RowSender) -> Result<(), LoadFailure> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    let mut statement = connection.prepare(LOAD)?;
    let mut found = statement.query([])?;
    let mut read = Vec::with_capacity(ROWS_TOGETHER);
    let send = |read| rows.blocking_send(read).map_err(|closed| LoadFailure::Receiver(closed.into()));
    while let Some(row) = found.next()? {
        read.push(ledger_row(row));
        if read.len() == ROWS_TOGETHER {
            send(std::mem::replace(&mut read, Vec::with_capacity(ROWS_TOGETHER)))?;
        }
    }
    send(read)
}

fn ledger_row(row: &Row<'_>) -> LedgerRow {
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
