//! The ledger in a SQLite file: WAL, `synchronous = FULL`, one writing connection.

use crate::ledger::store::{
    Batch, Changes, Committed, Deed, Engine, HistoryRow, LOADED_ROWS, NewRow, News, Placed, Row, Rows, Store,
    StoreError,
};
use async_trait::async_trait;
use futures_util::TryStreamExt;
use sqlx::Row as _;
use sqlx::{
    ConnectOptions, Sqlite, SqliteConnection, SqlitePool,
    query::Query,
    sqlite::{
        SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
    },
};
use std::{
    path::Path,
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

/// Rows that the database thread may read ahead; each hand-over to the reader costs a switch of threads.
const ROWS_AHEAD: usize = 4096;
/// How long a statement waits for another process that holds the file.
const BUSY_TIMEOUT: Duration = Duration::from_millis(1500);
/// Time between two looks whether another process changed the file.
const POLL: Duration = Duration::from_millis(1000);

/// Rows that one statement adds; a statement for fewer leaves the last ones unbound.
const CHUNK_ROWS: usize = 64;

/// Joins a text eight times with commas.
macro_rules! eight {
    ($text:expr) => {
        concat!($text, ",", $text, ",", $text, ",", $text, ",", $text, ",", $text, ",", $text, ",", $text)
    };
}
/// So many of [`CHUNK_ROWS`] rows as the last value says.
macro_rules! rows {
    ($row:expr) => {
        concat!("SELECT * FROM (VALUES ", eight!(eight!($row)), ") LIMIT ?")
    };
}
macro_rules! written {
    ($rows:expr) => {
        concat!(
            "INSERT INTO temp.written (kind, id, company, date, host, status, text, time, who) ",
            $rows,
            "; SELECT sequence_id FROM ledger WHERE policy_id = ?"
        )
    };
}

/// What a connection writes new policies through: one statement puts a row into both tables, so that the policy and its
/// history are one implicit transaction and one hand-over to the thread of the database. It is no part of the file.
const WRITTEN: &str = "PRAGMA temp_store = MEMORY;
CREATE TEMP VIEW written AS SELECT NULL AS kind, NULL AS id, NULL AS company, NULL AS date, NULL AS host, NULL AS status,
  NULL AS text, NULL AS time, NULL AS who;
CREATE TEMP TRIGGER write INSTEAD OF INSERT ON written BEGIN
  INSERT INTO ledger (policy_type, policy_id, company_name, date, host, status, policy)
    VALUES (NEW.kind, NEW.id, NEW.company, NEW.date, NEW.host, NEW.status, NEW.text);
  INSERT INTO policy_history (time, who, what, policy_type, policy_id)
    VALUES (NEW.time, NEW.who, 'insert', NEW.kind, NEW.id);
END";
/// Adds one policy and tells its place.
const WRITE_ONE: &str = written!("VALUES (?,?,?,?,?,?,?,?,?)");
/// Adds up to [`CHUNK_ROWS`] policies and tells the place of the last.
const WRITE_MANY: &str = written!(rows!("(?,?,?,?,?,?,?,?,?)"));

const BEGIN: &str = "BEGIN IMMEDIATE";
const DELETE: &str = "DELETE FROM ledger WHERE policy_id IN (SELECT value FROM json_each(?))";
const UPDATE: &str = "UPDATE ledger SET host = ?2, policy = ?3, company_name = coalesce(?4, company_name), \
    date = coalesce(nullif(?5, ''), date), status = coalesce(?6, status) \
    WHERE policy_id = ?1 RETURNING policy_id, sequence_id, CAST(date AS TEXT)";
const INSERT: &str = concat!(
    "INSERT INTO ledger (policy_type, policy_id, company_name, date, host, status, policy) ",
    rows!("(?,?,?,?,?,?,?)"),
    " RETURNING policy_id, sequence_id, CAST(date AS TEXT)"
);
const NOTE: &str = concat!(
    "INSERT INTO policy_history (time, who, what, policy_type, policy_id, before, after) ",
    rows!("(?,?,?,?,?,?,?)")
);
const COMMIT: &str = "COMMIT";

const LOAD: &str = "SELECT sequence_id, policy_id, CAST(date AS TEXT), host, policy FROM ledger";
/// The text that an insert left is what stood before the next change, or stands in the table.
macro_rules! history {
    ($which:expr) => {
        concat!(
            "SELECT h.time, h.who, h.what, h.policy_type, h.policy_id, h.before, CASE
               WHEN h.what <> 'insert' OR h.after IS NOT NULL THEN h.after
               WHEN lead(h.what) OVER later IS NULL THEN l.policy
               ELSE lead(h.before) OVER later END
             FROM policy_history h LEFT JOIN ledger l ON l.policy_id = h.policy_id WHERE ",
            $which,
        )
    };
}
const HISTORY: &str = history!("h.policy_id = ?1 WINDOW later AS (ORDER BY h.change_id) ORDER BY h.change_id");
const HISTORY_SINCE: &str =
    history!("h.time > ?1 WINDOW later AS (PARTITION BY h.policy_id ORDER BY h.change_id) ORDER BY h.change_id DESC");
const CLEAR: &str = "INSERT INTO policy_history (time, who, what, policy_type, policy_id, before)
    SELECT ?1, ?2, 'clear', policy_type, policy_id, policy FROM ledger ORDER BY sequence_id";
/// A line that nobody sees: it is gone in the same transaction.
const TRY_ADDING: &str =
    "INSERT INTO policy_history (time, who, what, policy_type, policy_id) VALUES ('', '', 'try', '', '')";
const TRY_REMOVING: &str = "DELETE FROM policy_history WHERE what = 'try'";
const DROPS: &str =
    "SELECT policy_id, max(time) FROM policy_history WHERE what = 'drop' AND time > ?1 GROUP BY policy_id";

/// A ledger database in one file. The pool holds a single connection, so writes never compete.
#[derive(Debug)]
pub struct SqliteStore {
    pool: SqlitePool,
    data_version: AtomicI64,
}

impl SqliteStore {
    /// Opens the file and creates it when it is missing.
    ///
    /// # Errors
    /// The reason, when the file cannot be opened.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .row_buffer_size(ROWS_AHEAD);
        Self::connect(options, &path.display().to_string()).await
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
            .after_connect(|connection, _| {
                Box::pin(async move { sqlx::raw_sql(WRITTEN).execute(connection).await.map(|_| ()) })
            })
            .connect_with(options)
            .await
            .map_err(|error| StoreError::Unavailable(format!("cannot open {place}: {error}")))?;
        Ok(Self { pool, data_version: AtomicI64::new(0) })
    }

    /// Returns the pool, for the commands that read a database (`sql`, `info table`).
    #[must_use]
    pub fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    async fn data_version(&self) -> Result<i64, StoreError> {
        sqlx::query_scalar("PRAGMA data_version").fetch_one(&self.pool).await.map_err(|error| explain(&error))
    }

    async fn transaction(&self, batch: &Batch) -> Result<Vec<Placed>, sqlx::Error> {
        let mut connection = self.pool.acquire().await?;
        if is_plain(batch) {
            return write(&mut connection, batch).await;
        }
        let placed = change(&mut connection, batch).await;
        if placed.is_err() {
            // The statements before the failing one are still open; nothing of them may stay.
            let _ = sqlx::query("ROLLBACK").execute(&mut *connection).await;
        }
        placed
    }
}

type Statement = Query<'static, Sqlite, SqliteArguments>;

/// Tells whether a batch only adds a few policies whose dates the column keeps as they are: it turns numbers into numbers.
fn is_plain(batch: &Batch) -> bool {
    let kept = |row: &NewRow| row.date.trim().parse::<f64>().is_err();
    batch.inserts.len() <= CHUNK_ROWS && batch.inserts.iter().all(kept) && batch.adds()
}

/// Adds a few policies with their history in one statement, which numbers them one after the other.
async fn write(connection: &mut SqliteConnection, batch: &Batch) -> Result<Vec<Placed>, sqlx::Error> {
    let rows = batch.inserts.iter().zip(&batch.history);
    let query = match batch.inserts.as_slice() {
        [_] => rows.fold(sqlx::query(WRITE_ONE), |query, (row, note)| bind_written(query, row, note)),
        inserts => {
            let absent = (NewRow::default(), HistoryRow::default());
            let rows = rows.chain(std::iter::repeat((&absent.0, &absent.1))).take(CHUNK_ROWS);
            let query = rows.fold(sqlx::query(WRITE_MANY), |query, (row, note)| bind_written(query, row, note));
            query.bind(i64::try_from(inserts.len()).unwrap_or_default())
        }
    };
    let last = batch.inserts.last().map(|row| row.id.clone()).unwrap_or_default();
    let found = query.bind(last).fetch_all(connection).await?;
    let last: i64 = found.first().ok_or(sqlx::Error::RowNotFound)?.try_get(0)?;
    let place =
        |(back, row): (i64, &NewRow)| Placed { id: row.id.clone(), sequence: last - back, date: row.date.clone() };
    Ok((0..).zip(batch.inserts.iter().rev()).map(place).collect())
}

fn bind_written(query: Statement, row: &NewRow, note: &HistoryRow) -> Statement {
    bind_row(query, row).bind(note.time.clone()).bind(note.who.clone())
}

/// Does whatever a batch asks for, in one transaction.
async fn change(connection: &mut SqliteConnection, batch: &Batch) -> Result<Vec<Placed>, sqlx::Error> {
    sqlx::query(BEGIN).execute(&mut *connection).await?;
    if !batch.deletes.is_empty() {
        let ids = serde_json::to_string(&batch.deletes).unwrap_or_default();
        sqlx::query(DELETE).bind(ids).execute(&mut *connection).await?;
    }
    let mut placed = Vec::with_capacity(batch.updates.len() + batch.inserts.len());
    for row in &batch.updates {
        let query = sqlx::query(UPDATE).bind(row.id.clone()).bind(row.host.clone()).bind(row.text.clone());
        let query = query.bind(row.company.clone()).bind(row.date.clone()).bind(row.status.clone());
        placed.extend(query.fetch_all(&mut *connection).await?);
    }
    for rows in batch.inserts.chunks(CHUNK_ROWS) {
        placed.extend(bind_many(sqlx::query(INSERT), rows, bind_row).fetch_all(&mut *connection).await?);
    }
    for notes in batch.history.chunks(CHUNK_ROWS) {
        bind_many(sqlx::query(NOTE), notes, bind_note).execute(&mut *connection).await?;
    }
    let placed = placed.iter().map(read_placed).collect::<Result<_, _>>()?;
    sqlx::query(COMMIT).execute(&mut *connection).await?;
    Ok(placed)
}

/// Binds up to [`CHUNK_ROWS`] rows and their number.
fn bind_many<T: Default>(mut query: Statement, rows: &[T], bind: impl Fn(Statement, &T) -> Statement) -> Statement {
    let absent = T::default();
    for row in rows.iter().chain(std::iter::repeat(&absent)).take(CHUNK_ROWS) {
        query = bind(query, row);
    }
    query.bind(i64::try_from(rows.len()).unwrap_or_default())
}

fn bind_row(query: Statement, row: &NewRow) -> Statement {
    let query = query.bind(row.kind.clone()).bind(row.id.clone()).bind(row.company.clone());
    query.bind(row.date.clone()).bind(row.host.clone()).bind(row.status.clone()).bind(row.text.clone())
}

fn bind_note(query: Statement, note: &HistoryRow) -> Statement {
    let query = query.bind(note.time.clone()).bind(note.who.clone()).bind(note.what.word());
    query.bind(note.kind.clone()).bind(note.id.clone()).bind(note.before.clone()).bind(note.after.clone())
}

#[async_trait]
impl Store for SqliteStore {
    fn engine(&self) -> Engine {
        Engine::Sqlite
    }

    async fn exists(&self) -> Result<bool, StoreError> {
        let found: Option<i64> =
            sqlx::query_scalar("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'ledger'")
                .fetch_optional(&self.pool)
                .await
                .map_err(|error| explain(&error))?;
        Ok(found.is_some())
    }

    async fn prepare(&self) -> Result<(), StoreError> {
        let migrator = sqlx::migrate!("migrations/sqlite");
        migrator.run(&self.pool).await.map_err(|error| StoreError::Unavailable(error.to_string()))?;
        if self.exists().await? {
            return Ok(());
        }
        for migration in migrator.iter() {
            sqlx::raw_sql(migration.sql.clone()).execute(&self.pool).await.map_err(|error| explain(&error))?;
        }
        Ok(())
    }

    async fn load(&self, rows: Rows) -> Result<i64, StoreError> {
        self.data_version.store(self.data_version().await?, Ordering::Relaxed);
        let mut found = sqlx::query(LOAD).fetch(&self.pool);
        let mut read = Vec::with_capacity(LOADED_ROWS);
        while let Some(row) = found.try_next().await.map_err(|error| explain(&error))? {
            read.push(read_row(&row).map_err(|error| explain(&error))?);
            if read.len() == LOADED_ROWS {
                rows.send(std::mem::replace(&mut read, Vec::with_capacity(LOADED_ROWS))).await?;
            }
        }
        rows.send(read).await?;
        Ok(0)
    }

    async fn news(&self, _since: i64) -> Result<News, StoreError> {
        let now = self.data_version().await?;
        Ok(if self.data_version.load(Ordering::Relaxed) == now { News::None } else { News::Everything })
    }

    async fn commit(&self, batch: &Batch) -> Result<Committed, StoreError> {
        let placed = self.transaction(batch).await.map_err(|error| explain(&error))?;
        Ok(Committed { placed, version: 0 })
    }

    async fn try_writing(&self) -> Result<(), StoreError> {
        let attempt = async {
            let mut transaction = self.pool.begin_with(BEGIN).await?;
            sqlx::query(TRY_ADDING).execute(&mut *transaction).await?;
            sqlx::query(TRY_REMOVING).execute(&mut *transaction).await?;
            transaction.commit().await
        };
        attempt.await.map_err(|error| explain(&error))
    }

    async fn history(&self, id: &str) -> Result<Vec<HistoryRow>, StoreError> {
        let rows = sqlx::query(HISTORY).bind(id).fetch_all(&self.pool).await.map_err(|error| explain(&error))?;
        rows.iter().map(read_history).collect::<Result<_, _>>().map_err(|error| explain(&error))
    }

    async fn history_since(&self, time: &str) -> Result<Vec<HistoryRow>, StoreError> {
        let rows =
            sqlx::query(HISTORY_SINCE).bind(time).fetch_all(&self.pool).await.map_err(|error| explain(&error))?;
        rows.iter().map(read_history).collect::<Result<_, _>>().map_err(|error| explain(&error))
    }

    async fn drops_since(&self, time: &str) -> Result<Vec<(String, String)>, StoreError> {
        sqlx::query_as(DROPS).bind(time).fetch_all(&self.pool).await.map_err(|error| explain(&error))
    }

    async fn drop_table(&self, who: &str, time: &str) -> Result<(), StoreError> {
        let drop = async {
            let mut transaction = self.pool.begin_with(BEGIN).await?;
            let (time, who) = (time.to_owned(), who.to_owned());
            sqlx::query(CLEAR).bind(time).bind(who).execute(&mut *transaction).await?;
            sqlx::query("DROP TABLE ledger").execute(&mut *transaction).await?;
            transaction.commit().await
        };
        drop.await.map_err(|error| explain(&error))
    }

    async fn changes(&self) -> Box<dyn Changes> {
        Box::new(Poll)
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}

/// Another process that changes the file tells nobody, so it is looked at from time to time.
struct Poll;

#[async_trait]
impl Changes for Poll {
    async fn next(&mut self) {
        tokio::time::sleep(POLL).await;
    }
}

fn read_row(row: &SqliteRow) -> Result<Row, sqlx::Error> {
    Ok(Row {
        sequence: row.try_get(0)?,
        id: row.try_get_unchecked(1)?,
        date: row.try_get_unchecked(2)?,
        host: row.try_get_unchecked(3)?,
        text: row.try_get_unchecked::<Option<String>, _>(4)?.unwrap_or_default(),
    })
}

fn read_placed(row: &SqliteRow) -> Result<Placed, sqlx::Error> {
    Ok(Placed { id: row.try_get_unchecked(0)?, sequence: row.try_get(1)?, date: row.try_get_unchecked(2)? })
}

fn read_history(row: &SqliteRow) -> Result<HistoryRow, sqlx::Error> {
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

/// Sorts a failure into what the writer has to do about it (SQLite result codes).
fn explain(error: &sqlx::Error) -> StoreError {
    let code = error.as_database_error().and_then(|db| db.code()).and_then(|code| code.parse::<u32>().ok());
    let text = error.to_string();
    match code.map(|code| code & 0xff) {
        Some(1) if text.contains("no such table: ledger") || text.contains("no such table: main.ledger") => {
            StoreError::NoTable
        }
        Some(18..=20) => StoreError::Refused(text),
        Some(5 | 6) => StoreError::Unavailable("the ledger file is locked by another process; try again".to_owned()),
        Some(8) => StoreError::Unavailable("the ledger file is read-only; check its owner and rights".to_owned()),
        Some(13) => StoreError::Unavailable("the disk is full; free space, writing resumes by itself".to_owned()),
        _ => StoreError::Unavailable(text),
    }
}
