//! The store on a SQLite file: WAL, `synchronous = FULL`, one connection that reads and writes.

use crate::ledger::{
    history::{
        collected::collected,
        past_change::{HistorySelection, PastChange},
        row::HistoryRow,
    },
    store::{
        batch::{Batch, Committed, PlacedRow},
        change_set::ChangeSet,
        database_error::{DatabaseError, ErrorCode},
        engine::Engine,
        error::StoreError,
        outage::Outage,
        row::{ROWS_TOGETHER, RowSender},
        schema_fault::{SchemaFault, migration_outage},
        sqlite::{
            load::{self, LoadFailure},
            result_code::ResultCode,
            rows::{history_row, ledger_row, past_change, placed_row},
            statements::{
                BEGIN, CHANGES_FROM, CHANGES_FROM_FIRST_BY, COLUMNS, DATA_VERSION, DROP_TABLE, DROPS, EXISTS, HISTORY,
                HISTORY_SINCE, KEEP_MOST_POLICIES, KEEP_ROWS, LAST_CHANGES, LAST_NUMBER, LOAD, MOST_POLICIES,
                NOTE_CLEAR, RENUMBER, RENUMBER_NEXT, ROLLBACK, SYNC_EACH, SYNC_LATER, TRY_ADDING, TRY_REMOVING,
                bind_write,
            },
        },
        steps,
        store::{ChangeListener, Store},
    },
};
use crate::runtime::file_system::{self, FileSystem};
use async_trait::async_trait;
use futures_util::TryStreamExt;
use sqlx::{
    ConnectOptions, Row as _, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous},
};
use std::{
    fs::File,
    path::Path,
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

/// Rows that the database thread may read ahead; each hand-over to the reader costs a switch of threads.
const ROWS_AHEAD: usize = 4096;
/// How long a statement waits for another process that holds the file.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_millis(1500);
/// Time between two looks whether another process changed the file.
const POLL_INTERVAL: Duration = Duration::from_millis(1000);

/// Returns how the changes of a file are kept until they are whole: in a log beside it, whose index is memory that all
/// processes share; where a file system may not have such memory, in a copy of what was there before.
fn journal(path: &Path) -> Result<SqliteJournalMode, StoreError> {
    let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match file_system::of(directory) {
        Ok(FileSystem::Network(kind)) => Err(Outage::NetworkFile { path: path.to_owned(), kind }.into()),
        Ok(FileSystem::Served(kind)) => {
            tracing::warn!(path = %path.display(), "the ledger lies on {kind}: each change takes longer there");
            Ok(SqliteJournalMode::Delete)
        }
        // What cannot be asked is opened, or SQLite says why not.
        Ok(FileSystem::Local) | Err(_) => Ok(SqliteJournalMode::Wal),
    }
}

/// Makes the file with the rights that all files of the node get; SQLite would not let the group write. A file that is there
/// stays as it is, and where none can be made SQLite says why.
fn create(path: &Path) {
    if let Err(error) = File::options().write(true).create_new(true).open(path) {
        tracing::debug!(path = %path.display(), "the file of the ledger was not made: {error}");
    }
}

/// A ledger database in one file. The pool holds a single connection, so writes never compete.
#[derive(Debug)]
pub struct SqliteStore {
    pool: SqlitePool,
    /// What [`DATA_VERSION`] was when the table was read.
    data_version: AtomicI64,
    /// How another connection reads beside the one that writes; nothing where it would hold up the writes.
    beside: Option<SqliteConnectOptions>,
}

impl SqliteStore {
    /// Opens the file and creates it when it is missing.
    ///
    /// # Errors
    /// The reason, when the file cannot be opened.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let journal = journal(path)?;
        create(path);
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(journal)
            .synchronous(SqliteSynchronous::Full)
            .row_buffer_size(ROWS_AHEAD);
        let store = Self::connect(options.clone(), &path.display().to_string()).await?;
        let beside = options.create_if_missing(false).busy_timeout(BUSY_TIMEOUT).disable_statement_logging();
        Ok(Self { beside: (journal == SqliteJournalMode::Wal).then_some(beside), ..store })
    }

    /// Opens a database in memory.
    ///
    /// # Errors
    /// The reason, when there is no memory for it.
    pub async fn open_memory() -> Result<Self, StoreError> {
        Self::connect(SqliteConnectOptions::new().in_memory(true), "memory").await
    }

    async fn connect(options: SqliteConnectOptions, place: &str) -> Result<Self, StoreError> {
        let options = options.busy_timeout(BUSY_TIMEOUT).disable_statement_logging();
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .min_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(BUSY_TIMEOUT)
            .test_before_acquire(false)
            .connect_with(options)
            .await
            .map_err(|error| Outage::CannotOpen { place: place.to_owned(), source: error.into() })?;
        Ok(Self { pool, data_version: AtomicI64::new(0), beside: None })
    }

    /// Returns the pool, for the commands that read a database (`sql`, `info table`).
    #[must_use]
    pub fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    /// Returns how another connection reads while this one writes; nothing where it would hold up the writes.
    pub(super) const fn beside(&self) -> Option<&SqliteConnectOptions> {
        self.beside.as_ref()
    }

    async fn table_exists(&self) -> Result<bool, sqlx::Error> {
        let found: Option<i64> = sqlx::query_scalar(EXISTS).fetch_optional(&self.pool).await?;
        Ok(found.is_some())
    }

    async fn data_version(&self) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar(DATA_VERSION).fetch_one(&self.pool).await
    }

    /// Does the steps that the file lacks. Where each of them would wait for the disk twice, all of them wait with the first
    /// change after them: what a crash takes of a log is its end, and the next start does those steps again.
    async fn migrate(&self) -> Result<(), StoreError> {
        if self.beside.is_none() {
            return steps::SQLITE.run(&self.pool).await.map_err(|error| migration_outage(error).into());
        }
        let sync_later = sqlx::query(SYNC_LATER).execute(&self.pool).await;
        self.answered(sync_later).await?;
        let done = steps::SQLITE.run(&self.pool).await;
        // Changes are never written without it.
        let sync_each = sqlx::query(SYNC_EACH).execute(&self.pool).await;
        self.answered(sync_each).await?;
        done.map_err(|error| migration_outage(error).into())
    }

    /// Reads the whole table on a connection of its own; false where there is none, or where it could not read all of it.
    async fn load_beside(&self, rows: &RowSender) -> Result<bool, StoreError> {
        let Some(options) = &self.beside else { return Ok(false) };
        let (path, rows) = (options.get_filename().to_owned(), rows.clone());
        match tokio::task::spawn_blocking(move || load::send_rows(&path, &rows)).await {
            Ok(Ok(())) => Ok(true),
            Ok(Err(LoadFailure::Receiver(error))) => Err(error),
            // The connection of the writer says in its own words what is wrong.
            Ok(Err(LoadFailure::File(error))) => {
                tracing::debug!("the table is read on the connection that writes: {error}");
                Ok(false)
            }
            Err(_) => Err(Outage::LoadInterrupted.into()),
        }
    }

    async fn write(&self, batch: &Batch) -> Result<Vec<PlacedRow>, sqlx::Error> {
        let mut connection = self.pool.acquire().await?;
        let written = bind_write(batch)?.fetch_all(&mut *connection).await;
        if written.is_err() {
            // The transaction of the failed statement is still open; nothing of it may stay.
            let _ = sqlx::query(ROLLBACK).execute(&mut *connection).await;
        }
        written?.iter().map(placed_row).collect()
    }

    /// Makes room behind a row to which somebody gave the last of all numbers: SQLite says of it what it says of a full disk.
    /// True when there was such a row and it has another number now.
    async fn free_numbers(&self) -> bool {
        let renumber = async {
            let last: i64 = sqlx::query_scalar(LAST_NUMBER).fetch_one(&self.pool).await?;
            if last < i64::MAX {
                return Ok(false);
            }
            let mut transaction = self.pool.begin_with(BEGIN).await?;
            let moved = sqlx::query(RENUMBER).execute(&mut *transaction).await?.rows_affected();
            sqlx::query(RENUMBER_NEXT).execute(&mut *transaction).await?;
            transaction.commit().await?;
            Ok::<_, sqlx::Error>(moved > 0)
        };
        renumber.await.unwrap_or_default()
    }

    /// Sorts a failure into what the writer has to do about it.
    pub(super) async fn answered<T>(&self, outcome: Result<T, sqlx::Error>) -> Result<T, StoreError> {
        let failure = match outcome {
            Ok(answer) => return Ok(answer),
            Err(error) => DatabaseError::from(error),
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

/// Returns what can be read of rows; the others are counted in the log.
pub(super) fn readable<T>(rows: &[SqliteRow], read: impl Fn(&SqliteRow) -> Result<T, sqlx::Error>) -> Vec<T> {
    let found: Vec<T> = rows.iter().filter_map(|row| read(row).ok()).collect();
    if found.len() < rows.len() {
        tracing::warn!(lines = rows.len() - found.len(), "lines of the history cannot be read and are left out");
    }
    found
}

fn store_error(failure: DatabaseError) -> StoreError {
    let engine = Engine::Sqlite;
    let Some(ErrorCode::Sqlite(code)) = failure.code() else { return Outage::Failed(failure).into() };
    match code {
        ResultCode::Data => StoreError::Refused(failure),
        ResultCode::Locked => Outage::Locked(failure).into(),
        ResultCode::ReadOnly => Outage::ReadOnly { engine, source: failure }.into(),
        ResultCode::Full => Outage::DiskFull { engine, source: failure }.into(),
        ResultCode::Error | ResultCode::Other(_) => Outage::Failed(failure).into(),
    }
}

#[async_trait]
impl Store for SqliteStore {
    fn engine(&self) -> Engine {
        Engine::Sqlite
    }

    async fn exists(&self) -> Result<bool, StoreError> {
        self.table_exists().await.map_err(|error| store_error(error.into()))
    }

    async fn prepare(&self) -> Result<(), StoreError> {
        let columns = sqlx::query_scalar(COLUMNS).fetch_all(&self.pool).await;
        SchemaFault::check_columns(&self.answered(columns).await?).map_err(Outage::Schema)?;
        self.migrate().await?;
        if self.exists().await? {
            return Ok(());
        }
        // The migrations ran before, but somebody dropped the table since. Each of them may run again.
        for migration in steps::SQLITE.iter() {
            let done = sqlx::raw_sql(migration.sql.clone()).execute(&self.pool).await;
            done.map_err(|error| store_error(error.into()))?;
        }
        Ok(())
    }

    async fn load(&self, rows: RowSender) -> Result<i64, StoreError> {
        let version = self.data_version().await;
        self.data_version.store(self.answered(version).await?, Ordering::Relaxed);
        if self.load_beside(&rows).await? {
            return Ok(0);
        }
        let mut found = sqlx::query(LOAD).fetch(&self.pool);
        let mut read = Vec::with_capacity(ROWS_TOGETHER);
        let failure = loop {
            match found.try_next().await {
                Ok(Some(row)) => read.push(ledger_row(&row)),
                Ok(None) => {
                    rows.send(read).await?;
                    return Ok(0);
                }
                Err(error) => break error,
            }
            if read.len() == ROWS_TOGETHER {
                rows.send(std::mem::replace(&mut read, Vec::with_capacity(ROWS_TOGETHER))).await?;
            }
        };
        // The stream holds the only connection.
        drop(found);
        self.answered(Err(failure)).await
    }

    async fn changes_since(&self, _version: i64) -> Result<ChangeSet, StoreError> {
        let now = self.data_version().await;
        let now = self.answered(now).await?;
        let unchanged = self.data_version.load(Ordering::Relaxed) == now;
        Ok(if unchanged { ChangeSet::Unchanged } else { ChangeSet::Unknown })
    }

    async fn commit(&self, batch: &Batch) -> Result<Committed, StoreError> {
        let placed = self.write(batch).await;
        match self.answered(placed).await {
            Err(StoreError::Unavailable(Outage::DiskFull { .. })) if self.free_numbers().await => {
                Err(StoreError::Conflict)
            }
            placed => Ok(Committed { placed: placed?, version: 0 }),
        }
    }

    async fn try_writing(&self) -> Result<(), StoreError> {
        let attempt = async {
            let mut transaction = self.pool.begin_with(BEGIN).await?;
            sqlx::query(TRY_ADDING).execute(&mut *transaction).await?;
            sqlx::query(TRY_REMOVING).execute(&mut *transaction).await?;
            transaction.commit().await
        };
        let done = attempt.await;
        self.answered(done).await
    }

    async fn history(&self, id: &str, most: u64) -> Result<Option<Vec<HistoryRow>>, StoreError> {
        let rows = collected(sqlx::query(HISTORY).bind(id).fetch(&self.pool), history_row, most).await;
        self.answered(rows).await
    }

    async fn history_since(&self, time: &str, most: u64) -> Result<Option<Vec<HistoryRow>>, StoreError> {
        let rows = collected(sqlx::query(HISTORY_SINCE).bind(time).fetch(&self.pool), history_row, most).await;
        self.answered(rows).await
    }

    async fn past_changes(&self, which: &HistorySelection, most: usize) -> Result<Vec<PastChange>, StoreError> {
        let (statement, value, most) = match which {
            HistorySelection::Last(count) => (LAST_CHANGES, "", most.min(*count)),
            HistorySelection::Since(time) => (CHANGES_FROM, time.as_str(), most),
            HistorySelection::SinceFirstBy(who) => (CHANGES_FROM_FIRST_BY, who.as_str(), most),
        };
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let rows = sqlx::query(statement).bind(value.to_owned()).bind(most).fetch_all(&self.pool).await;
        Ok(readable(&self.answered(rows).await?, past_change))
    }

    async fn drops_since(&self, time: &str) -> Result<Vec<(String, String)>, StoreError> {
        let drops = sqlx::query(DROPS).bind(time).fetch_all(&self.pool).await;
        Ok(readable(&self.answered(drops).await?, |row| Ok((row.try_get_unchecked(0)?, row.try_get_unchecked(1)?))))
    }

    async fn most_policies(&self) -> Result<Option<i64>, StoreError> {
        let found = sqlx::query_scalar(MOST_POLICIES).fetch_optional(&self.pool).await;
        self.answered(found).await
    }

    async fn keep_most_policies(&self, most: i64) -> Result<(), StoreError> {
        let kept = sqlx::query(KEEP_MOST_POLICIES).bind(most).execute(&self.pool).await;
        self.answered(kept).await.map(drop)
    }

    async fn drop_table(&self, who: &str, time: &str) -> Result<(), StoreError> {
        let drop = async {
            let mut transaction = self.pool.begin_with(BEGIN).await?;
            let (time, who) = (time.to_owned(), who.to_owned());
            sqlx::query(KEEP_ROWS).bind(time.clone()).execute(&mut *transaction).await?;
            sqlx::query(NOTE_CLEAR).bind(time).bind(who).execute(&mut *transaction).await?;
            sqlx::query(DROP_TABLE).execute(&mut *transaction).await?;
            transaction.commit().await
        };
        let done = drop.await;
        self.answered(done).await
    }

    async fn listen(&self) -> Box<dyn ChangeListener> {
        Box::new(FilePoll)
    }

    async fn close(&self) {
        self.pool.close().await;
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
