//! The store on a SQLite file: WAL, `synchronous = FULL`, one connection that writes.

use crate::ledger::{
    history::{
        collected::CollectedLines,
        past_change::{HistorySelection, PastChange},
        row::HistoryRow,
    },
    store::{
        batch::{Batch, Committed},
        change_set::ChangeSet,
        database_error::{DatabaseError, ErrorCode},
        engine::Engine,
        error::StoreError,
        outage::Outage,
        row::RowSender,
        sqlite::{
            connection::SqliteConnection,
            history_reader::HistoryReader,
            load::{self, BUSY_TIMEOUT, ReadFailure},
            migrate::{self, MigrationFailure},
            result_code::ResultCode,
            rows::{history_row, past_change, readable},
            statements::{
                CHANGES_FROM, CHANGES_FROM_FIRST_BY, DATA_VERSION, DROP_TABLE, DROPS, EXISTS, HISTORY, HISTORY_SINCE,
                KEEP_MOST_POLICIES, KEEP_ROWS, LAST_CHANGES, LAST_NUMBER, MOST_POLICIES, NOTE_CLEAR, RENUMBER,
                RENUMBER_NEXT, TRY_ADDING, TRY_REMOVING,
            },
            write,
        },
        store::{ChangeListener, Store},
    },
};
use crate::runtime::{
    file_system::{self, FileSystem},
    limits::{HELD_UP_TIME, SQL_TIME},
};
use async_trait::async_trait;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Params, TransactionBehavior, params};
use std::{
    fs::File,
    path::{Path, PathBuf},
    time::Duration,
};

/// Time between two looks whether another process changed the file.
const POLL_INTERVAL: Duration = Duration::from_millis(1000);
/// Statements that stay prepared.
const PREPARED: usize = 32;

/// Log beside the file, whose index is memory that all processes share.
const LOG: &str = "WAL";
/// A copy of what was there before.
const COPY: &str = "DELETE";

/// Returns how the changes of a file are kept until they are whole: in a log beside it, whose index is memory that all
/// processes share; where a file system may not have such memory, in a copy of what was there before.
fn journal(path: &Path) -> Result<&'static str, StoreError> {
    let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match file_system::of(directory) {
        Ok(FileSystem::Network(kind)) => Err(Outage::NetworkFile { path: path.to_owned(), kind }.into()),
        Ok(FileSystem::Served(kind)) => {
            tracing::warn!(path = %path.display(), "the ledger lies on {kind}: each change takes longer there");
            Ok(COPY)
        }
        // What cannot be asked is opened, or SQLite says why not.
        Ok(FileSystem::Local) | Err(_) => Ok(LOG),
    }
}

/// Makes the file with the rights that all files of the node get; SQLite would not let the group write. A file that is there
/// stays as it is, and where none can be made SQLite says why.
fn create(path: &Path) {
    if let Err(error) = File::options().write(true).create_new(true).open(path) {
        tracing::debug!(path = %path.display(), "the file of the ledger was not made: {error}");
    }
}

/// A ledger database in one file. All that is written goes over one connection, so writes never compete.
#[derive(Debug)]
pub struct SqliteStore {
    connection: SqliteConnection,
    /// The file, where another connection may read it beside the one that writes; nothing where it would hold up the writes.
    beside: Option<PathBuf>,
    histories: HistoryReader,
}

impl SqliteStore {
    /// Opens the file and creates it when it is missing.
    ///
    /// # Errors
    /// The reason, when the file cannot be opened.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let journal = journal(path)?;
        create(path);
        let file = path.to_owned();
        let connect = move || {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
            let connection = Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
            connection.busy_timeout(BUSY_TIMEOUT)?;
            connection.pragma_update(None, "journal_mode", journal)?;
            connection.pragma_update(None, "synchronous", "FULL")?;
            Ok(connection)
        };
        let store = Self::connect(connect, &path.display().to_string()).await?;
        let beside = (journal == LOG).then(|| path.to_owned());
        Ok(Self { histories: HistoryReader::new(beside.clone()), beside, ..store })
    }

    /// Opens a database in memory.
    ///
    /// # Errors
    /// The reason, when there is no memory for it.
    pub async fn open_memory() -> Result<Self, StoreError> {
        Self::connect(Connection::open_in_memory, "memory").await
    }

    async fn connect(
        connect: impl FnOnce() -> rusqlite::Result<Connection> + Send + 'static,
        place: &str,
    ) -> Result<Self, StoreError> {
        let connect = || {
            let connection = connect()?;
            connection.set_prepared_statement_cache_capacity(PREPARED);
            Ok(connection)
        };
        let connection = SqliteConnection::open(connect).await;
        let connection = connection.map_err(|source| Outage::CannotOpen { place: place.to_owned(), source })?;
        Ok(Self { connection, beside: None, histories: HistoryReader::new(None) })
    }

    /// Returns the longest time that a question may take which reads the file over another connection: a short one where it holds
    /// up the writes.
    #[must_use]
    pub const fn longest_read(&self) -> Duration {
        if self.beside.is_some() { SQL_TIME } else { HELD_UP_TIME }
    }

    /// Returns the connection, for who asks about the database and not about the ledger.
    #[must_use]
    pub const fn connection(&self) -> &SqliteConnection {
        &self.connection
    }

    /// Asks the database, after all that was asked for before.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let answer = self.connection.ask(question).await;
        self.answered(answer).await
    }

    /// Reads much of the file, on a connection of its own where that holds up no change.
    pub(super) async fn read_beside(
        &self,
        read: impl FnOnce(&mut Connection) -> Result<(), ReadFailure> + Send + 'static,
    ) -> Result<(), StoreError> {
        let done = match self.beside.clone() {
            Some(path) => {
                let done = tokio::task::spawn_blocking(move || read(&mut load::open_beside(&path)?)).await;
                done.map_err(|_| Outage::LoadInterrupted)?
            }
            None => self.connection.work(read).await.map_err(store_error)?,
        };
        match done {
            Ok(()) => Ok(()),
            Err(ReadFailure::Receiver(error)) => Err(error),
            Err(ReadFailure::File(error)) => self.answered(Err(error.into())).await,
        }
    }

    async fn table_exists(&self) -> Result<bool, DatabaseError> {
        let found = |connection: &mut Connection| connection.query_row(EXISTS, [], |_| Ok(())).optional();
        Ok(self.connection.ask(found).await?.is_some())
    }

    /// Returns the version of the file: SQLite counts the changes that others make, and not those over this connection.
    async fn data_version(&self) -> Result<i64, StoreError> {
        let read =
            |connection: &mut Connection| connection.prepare_cached(DATA_VERSION)?.query_row([], |row| row.get(0));
        self.ask(read).await
    }

    /// Reads lines of the history until they take more memory than they may, and holds up no change by that.
    async fn collected(
        &self,
        sql: &'static str,
        parameters: impl Params + Send + 'static,
        most: u64,
    ) -> Result<Option<Vec<HistoryRow>>, StoreError> {
        let read = move |connection: &mut Connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let (mut rows, mut lines) = (statement.query(parameters)?, CollectedLines::new(most));
            while let Some(row) = rows.next()? {
                if !lines.add(history_row(row)) {
                    return Ok(None);
                }
            }
            Ok(Some(lines.finish()))
        };
        let answer = self.histories.ask(&self.connection, read).await;
        self.answered(answer).await
    }

    /// Makes room behind a row to which somebody gave the last of all numbers: SQLite says of it what it says of a full disk.
    /// True when there was such a row and it has another number now.
    async fn free_numbers(&self) -> bool {
        let renumber = |connection: &mut Connection| {
            let last: i64 = connection.query_row(LAST_NUMBER, [], |row| row.get(0))?;
            if last < i64::MAX {
                return Ok(false);
            }
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let moved = transaction.execute(RENUMBER, [])?;
            transaction.execute(RENUMBER_NEXT, [])?;
            transaction.commit()?;
            Ok(moved > 0)
        };
        self.connection.ask(renumber).await.unwrap_or_default()
    }

    /// Sorts a failure into what the writer has to do about it.
    async fn answered<T>(&self, outcome: Result<T, DatabaseError>) -> Result<T, StoreError> {
        let failure = match outcome {
            Ok(answer) => return Ok(answer),
            Err(failure) => failure,
        };
        // SQLite has one code for all mistakes in statements, and ours have none unless the table is gone.
        if matches!(failure.code(), Some(ErrorCode::Sqlite(ResultCode::Error)))
            && matches!(self.table_exists().await, Ok(false))
        {
            return Err(StoreError::NoTable);
        }
        Err(store_error(failure))
    }
}

fn store_error(failure: DatabaseError) -> StoreError {
    let engine = Engine::Sqlite;
    let Some(ErrorCode::Sqlite(code)) = failure.code() else { return Outage::Failed(failure).into() };
    match code {
        ResultCode::Data => StoreError::Refused(failure),
        ResultCode::Locked => Outage::Locked(failure).into(),
        ResultCode::ReadOnly => Outage::ReadOnly { engine, source: failure }.into(),
        ResultCode::Full => Outage::DiskFull { engine, source: failure }.into(),
        ResultCode::Interrupted => Outage::LongHistory.into(),
        ResultCode::Error | ResultCode::Other(_) => Outage::Failed(failure).into(),
    }
}

#[async_trait]
impl Store for SqliteStore {
    fn engine(&self) -> Engine {
        Engine::Sqlite
    }

    async fn exists(&self) -> Result<bool, StoreError> {
        self.table_exists().await.map_err(store_error)
    }

    async fn prepare(&self) -> Result<(), StoreError> {
        match self.connection.work(migrate::migrate).await.map_err(store_error)? {
            Ok(()) => Ok(()),
            Err(MigrationFailure::Tables(outage)) => Err(outage.into()),
            Err(MigrationFailure::File(error)) => Err(store_error(error.into())),
        }
    }

    async fn load(&self, rows: RowSender) -> Result<i64, StoreError> {
        // Before the rows: what is written in between is read twice, and not left out.
        let version = self.data_version().await?;
        self.read_beside(move |connection| load::send_rows(connection, &rows)).await?;
        Ok(version)
    }

    async fn changes_since(&self, version: i64) -> Result<ChangeSet, StoreError> {
        Ok(if version == self.data_version().await? { ChangeSet::Unchanged } else { ChangeSet::Unknown })
    }

    async fn commit(&self, batch: &Batch) -> Result<Committed, StoreError> {
        let (batch, version) = (batch.clone(), batch.version);
        match self.ask(move |connection| write::write(connection, &batch)).await {
            Err(StoreError::Unavailable(Outage::DiskFull { .. })) if self.free_numbers().await => {
                Err(StoreError::Conflict)
            }
            placed => Ok(Committed { placed: placed?, version }),
        }
    }

    async fn try_writing(&self) -> Result<(), StoreError> {
        let attempt = |connection: &mut Connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            transaction.execute(TRY_ADDING, [])?;
            transaction.execute(TRY_REMOVING, [])?;
            transaction.commit()
        };
        self.ask(attempt).await
    }

    async fn history(&self, id: &str, most: u64) -> Result<Option<Vec<HistoryRow>>, StoreError> {
        self.collected(HISTORY, [id.to_owned()], most).await
    }

    async fn history_since(&self, time: &str, most: u64) -> Result<Option<Vec<HistoryRow>>, StoreError> {
        self.collected(HISTORY_SINCE, [time.to_owned()], most).await
    }

    async fn past_changes(&self, which: &HistorySelection, most: usize) -> Result<Vec<PastChange>, StoreError> {
        let (statement, value, most) = match which {
            HistorySelection::Last(count) => (LAST_CHANGES, "", most.min(*count)),
            HistorySelection::Since(time) => (CHANGES_FROM, time.as_str(), most),
            HistorySelection::SinceFirstBy(who) => (CHANGES_FROM_FIRST_BY, who.as_str(), most),
        };
        let (value, most) = (value.to_owned(), i64::try_from(most).unwrap_or(i64::MAX));
        self.ask(move |connection| readable(connection, statement, params![value, most], past_change)).await
    }

    async fn drops_since(&self, time: &str) -> Result<Vec<(String, String)>, StoreError> {
        let time = time.to_owned();
        self.ask(|connection| readable(connection, DROPS, [time], |row| Ok((row.get(0)?, row.get(1)?)))).await
    }

    async fn most_policies(&self) -> Result<Option<i64>, StoreError> {
        self.ask(|connection| connection.query_row(MOST_POLICIES, [], |row| row.get(0)).optional()).await
    }

    async fn keep_most_policies(&self, most: i64) -> Result<(), StoreError> {
        self.ask(move |connection| connection.execute(KEEP_MOST_POLICIES, [most])).await.map(drop)
    }

    async fn drop_table(&self, who: &str, time: &str) -> Result<(), StoreError> {
        let (who, time) = (who.to_owned(), time.to_owned());
        let drop_table = move |connection: &mut Connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            transaction.execute(KEEP_ROWS, [&time])?;
            transaction.execute(NOTE_CLEAR, [&time, &who])?;
            transaction.execute(DROP_TABLE, [])?;
            transaction.commit()
        };
        self.ask(drop_table).await
    }

    async fn listen(&self) -> Box<dyn ChangeListener> {
        Box::new(FilePoll)
    }

    async fn close(&self) {
        // The last connection that is closed empties the log beside the file, which one that only reads cannot.
        self.histories.close().await;
        self.connection.close().await;
    }
}

/// A process that changes the file tells nobody, so the file is looked at from time to time.
struct FilePoll;

#[async_trait]
impl ChangeListener for FilePoll {
    async fn next(&mut self) {
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_holds_up_the_writes_gets_little_time() {
        let directory = tempfile::tempdir().unwrap();
        let file = SqliteStore::open(&directory.path().join("a.dbms")).await.unwrap();
        assert_eq!(file.longest_read(), SQL_TIME);
        file.close().await;
        // As for a file whose changes are kept in a copy of what was there before.
        assert_eq!(SqliteStore::open_memory().await.unwrap().longest_read(), HELD_UP_TIME);
    }
}
