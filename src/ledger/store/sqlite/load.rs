//! Reads the whole ledger table of a file.

use crate::ledger::store::{
    error::StoreError,
    row::{ROWS_TOGETHER, RowSender},
    sqlite::rows::ledger_row,
};
use rusqlite::{Connection, OpenFlags};
use std::{path::Path, time::Duration};

/// How long a statement waits for another process that holds the file.
pub const BUSY_TIMEOUT: Duration = Duration::from_millis(1500);

/// Reads the whole table. The columns of the reference have no strict types: whatever is there is read as text.
const LOAD: &str =
    "SELECT CAST(sequence_id AS INTEGER), CAST(policy_id AS TEXT), CAST(date AS TEXT), CAST(host AS TEXT),
    CAST(policy AS TEXT) FROM ledger";

/// Why not everything arrived that was read.
#[derive(Debug)]
pub enum ReadFailure {
    /// The file could not be read.
    File(rusqlite::Error),
    /// Nobody takes it any more.
    Receiver(StoreError),
}

impl From<rusqlite::Error> for ReadFailure {
    fn from(error: rusqlite::Error) -> Self {
        Self::File(error)
    }
}

/// Opens a file beside the connection that writes it, to read it while that one goes on.
///
/// # Errors
/// What SQLite says.
pub fn open_beside(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

/// Sends every row of the table; waits for the disk and for who takes them.
///
/// # Errors
/// Why they did not all arrive.
pub fn send_rows(connection: &Connection, rows: &RowSender) -> Result<(), ReadFailure> {
    let mut statement = connection.prepare(LOAD)?;
    let mut found = statement.query([])?;
    let mut read = Vec::with_capacity(ROWS_TOGETHER);
    let send = |read| rows.blocking_send(read).map_err(|closed| ReadFailure::Receiver(closed.into()));
    while let Some(row) = found.next()? {
        read.push(ledger_row(row));
        if read.len() == ROWS_TOGETHER {
            send(std::mem::replace(&mut read, Vec::with_capacity(ROWS_TOGETHER)))?;
        }
    }
    send(read)
}
