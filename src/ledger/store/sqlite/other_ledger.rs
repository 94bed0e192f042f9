//! Reads the ledger of another node from its file. Nothing of the file is changed, also while that node uses it.

use crate::{
    ledger::{
        source::{error::SourceError, raw_row::RawRow},
        store::{
            outage::Outage,
            schema_fault::SchemaFault,
            sqlite::{
                connection::SqliteConnection,
                rows::{ledger_row, texts},
                statements::COLUMNS,
            },
        },
    },
    runtime::limits,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use rusqlite::{Connection, OpenFlags};
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
    "SELECT CAST(sequence_id AS INTEGER), CAST(policy_id AS TEXT), CAST(date AS TEXT), CAST(host AS TEXT),
    CAST(policy AS TEXT) FROM ledger ORDER BY ledger.date, sequence_id";
/// What is written otherwise in a name that stands in a URL.
const NAME: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');

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
    let file = path.to_owned();
    let found = async {
        let file = SqliteConnection::open(move || open(&file)).await?;
        file.ask(|file| read(file)).await
    };
    let found = found.await.map_err(|source| failed(Outage::CannotOpen { place: place.clone(), source }))?;
    match found {
        (columns, _) if columns.is_empty() => Err(SourceError::NoTable(place)),
        (columns, rows) => {
            SchemaFault::check_columns(&columns).map_err(|fault| failed(Outage::Schema(fault)))?;
            rows.ok_or_else(|| SourceError::TooLarge { path: path.to_owned(), limit: limits::IMPORT_FILE })
        }
    }
}

/// Opens a file that nobody changes through this. One whose log is gone is whole; asked in the usual way SQLite would make a new
/// log beside it. The log of a node that runs may be empty at the moment, but then there is the memory that its readers share.
fn open(path: &Path) -> rusqlite::Result<Connection> {
    let is_alone = log_of(path).is_none() && !beside(path, "-shm").exists();
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let file = if waits_for_a_log(path) && is_alone {
        let name = percent_encode(path.as_os_str().as_encoded_bytes(), NAME);
        Connection::open_with_flags(format!("file:{name}?immutable=1"), flags | OpenFlags::SQLITE_OPEN_URI)?
    } else {
        Connection::open_with_flags(path, flags)?
    };
    file.busy_timeout(BUSY_TIMEOUT)?;
    Ok(file)
}

/// Returns the columns and the rows of the table: no columns when there is none, no rows when they are more than is read.
fn read(file: &Connection) -> rusqlite::Result<(Vec<String>, Option<Vec<RawRow>>)> {
    if !file.query_row(IS_TABLE, [], |row| row.get(0))? {
        return Ok((Vec::new(), None));
    }
    let columns = texts(file, COLUMNS, [])?;
    if columns.is_empty() || SchemaFault::check_columns(&columns).is_err() {
        return Ok((columns, Some(Vec::new())));
    }
    let (mut rows, mut bytes) = (Vec::new(), 0_u64);
    let mut statement = file.prepare(ROWS)?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        let row = RawRow::of_table(ledger_row(row));
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
