//! Reads the ledger of another node from its file. Nothing of the file is changed, also while that node uses it.

use crate::{
    ledger::{
        source::{error::SourceError, raw_row::RawRow},
        store::{
            outage::Outage,
            schema_fault::SchemaFault,
            sqlite::{rows::ledger_row, statements::COLUMNS},
        },
    },
    runtime::limits,
};
use futures_util::TryStreamExt as _;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use std::{
    ffi::OsString,
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
    time::Duration,
};

/// Where the header of a file says how it is written: 2 stands for a log beside it.
const WRITE_VERSION: usize = 18;
/// How long a read waits for a node that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Tells whether there is a table. A view of that name may have rows without end, and any columns.
const IS_TABLE: &str =
    "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'ledger' COLLATE NOCASE AND type = 'table')";
/// Reads the rows in the order of the ledger.
const ROWS: &str =
    "SELECT sequence_id, policy_id, CAST(date AS TEXT), host, policy FROM ledger ORDER BY date, sequence_id";

/// Returns the log beside a file, when it holds changes that the file does not have.
#[must_use]
pub fn log_of(path: &Path) -> Option<PathBuf> {
    let log = beside(path, "-wal");
    std::fs::metadata(&log).is_ok_and(|log| log.len() > 0).then_some(log)
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(end);
    name.into()
}

/// Returns the rows of the ledger table of a file.
///
/// # Errors
/// [`SourceError`], when the file cannot be read or has no such table.
pub async fn rows(path: &Path) -> Result<Vec<RawRow>, SourceError> {
    let place = path.display().to_string();
    let failed = |source: Outage| SourceError::Database { place: place.clone(), source };
    let database = |error: sqlx::Error| failed(Outage::CannotOpen { place: place.clone(), source: error.into() });
    let options = SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(BUSY_TIMEOUT);
    // A file whose log is gone is whole; asked in the usual way SQLite would make a new log beside it. The log of a node that runs
    // may be empty at the moment, but then there is the memory that its readers share.
    let is_alone = log_of(path).is_none() && !beside(path, "-shm").exists();
    let options = if waits_for_a_log(path) && is_alone { options.immutable(true) } else { options };
    let mut file = options.disable_statement_logging().connect().await.map_err(database)?;
    let found = read(&mut file).await;
    // It was only read: nothing is lost when it does not close.
    let _closed = file.close().await;
    match found.map_err(database)? {
        (columns, _) if columns.is_empty() => Err(SourceError::NoTable(place)),
        (columns, rows) => {
            SchemaFault::check_columns(&columns).map_err(|fault| failed(Outage::Schema(fault)))?;
            rows.ok_or_else(|| SourceError::TooLarge { path: path.to_owned(), limit: limits::IMPORT_FILE })
        }
    }
}

/// Returns the columns and the rows of the table: no columns when there is none, no rows when they are more than is read.
async fn read(file: &mut SqliteConnection) -> Result<(Vec<String>, Option<Vec<RawRow>>), sqlx::Error> {
    if !sqlx::query_scalar::<_, bool>(IS_TABLE).fetch_one(&mut *file).await? {
        return Ok((Vec::new(), None));
    }
    let columns: Vec<String> = sqlx::query_scalar(COLUMNS).fetch_all(&mut *file).await?;
    if columns.is_empty() || SchemaFault::check_columns(&columns).is_err() {
        return Ok((columns, Some(Vec::new())));
    }
    let (mut rows, mut bytes) = (Vec::new(), 0_u64);
    let mut found = sqlx::query(ROWS).fetch(&mut *file);
    while let Some(row) = found.try_next().await? {
        let row = RawRow::of_table(ledger_row(&row));
        bytes = bytes.saturating_add(row.bytes());
        if bytes > limits::IMPORT_FILE {
            return Ok((columns, None));
        }
        rows.push(row);
    }
    Ok((columns, Some(rows)))
}

/// Tells whether a file is one whose changes go to a log first.
fn waits_for_a_log(path: &Path) -> bool {
    let mut header = [0; WRITE_VERSION + 1];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut header));
    read.is_ok() && header.last() == Some(&2)
}
