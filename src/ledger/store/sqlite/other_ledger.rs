//! Reads the ledger of another node from its file. Nothing of the file is changed, also while that node uses it.

use crate::ledger::{
    source::{error::SourceError, raw_row::RawRow},
    store::{
        outage::Outage,
        schema_fault::SchemaFault,
        sqlite::{rows::ledger_row, statements::COLUMNS},
    },
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
/// Reads the rows in the order of the ledger.
const ROWS: &str =
    "SELECT sequence_id, policy_id, CAST(date AS TEXT), host, policy FROM ledger ORDER BY date, sequence_id";

/// Returns the log beside a file, when it holds changes that the file does not have.
#[must_use]
pub fn log_of(path: &Path) -> Option<PathBuf> {
    let mut name = OsString::from(path);
    name.push("-wal");
    let log = PathBuf::from(name);
    std::fs::metadata(&log).is_ok_and(|log| log.len() > 0).then_some(log)
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
    // A file whose log is gone is whole; asked in the usual way SQLite would make a new log beside it.
    let options = if waits_for_a_log(path) && log_of(path).is_none() { options.immutable(true) } else { options };
    let mut file = options.disable_statement_logging().connect().await.map_err(database)?;
    let found = read(&mut file).await;
    // It was only read: nothing is lost when it does not close.
    let _closed = file.close().await;
    match found.map_err(database)? {
        (columns, _) if columns.is_empty() => Err(SourceError::NoTable(place)),
        (columns, rows) => {
            SchemaFault::check_columns(&columns).map_err(|fault| failed(Outage::Schema(fault)))?;
            Ok(rows)
        }
    }
}

async fn read(file: &mut SqliteConnection) -> Result<(Vec<String>, Vec<RawRow>), sqlx::Error> {
    let columns: Vec<String> = sqlx::query_scalar(COLUMNS).fetch_all(&mut *file).await?;
    if columns.is_empty() || SchemaFault::check_columns(&columns).is_err() {
        return Ok((columns, Vec::new()));
    }
    let mut rows = Vec::new();
    let mut found = sqlx::query(ROWS).fetch(&mut *file);
    while let Some(row) = found.try_next().await? {
        rows.push(RawRow::of_table(ledger_row(&row)));
    }
    Ok((columns, rows))
}

/// Tells whether a file is one whose changes go to a log first.
fn waits_for_a_log(path: &Path) -> bool {
    let mut header = [0; WRITE_VERSION + 1];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut header));
    read.is_ok() && header.last() == Some(&2)
}
