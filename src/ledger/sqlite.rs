//! The ledger in a SQLite file: WAL, `synchronous = FULL`, one writing connection.

use super::store::{Batch, Changes, Committed, Contents, Engine, HistoryRow, News, Placed, Row, Store, StoreError};
use async_trait::async_trait;
use futures_util::TryStreamExt;
use sqlx::{
    ConnectOptions, Row as _, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous},
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

const INSERT: &str = "BEGIN IMMEDIATE;
INSERT INTO ledger (policy_type, policy_id, company_name, date, host, status, policy)
  SELECT value->>'kind', value->>'id', value->>'company', value->>'date', value->>'host', value->>'status', value->>'text'
  FROM json_each(?) ORDER BY key RETURNING policy_id, sequence_id, CAST(date AS TEXT);
INSERT INTO policy_history (time, who, what, policy_type, policy_id, before, after)
  SELECT value->>'time', value->>'who', value->>'what', value->>'kind', value->>'id', value->>'before', value->>'after'
  FROM json_each(?) ORDER BY key;
COMMIT;";

const CHANGE: &str = "BEGIN IMMEDIATE;
DELETE FROM ledger WHERE policy_id IN (SELECT value FROM json_each(?));
UPDATE ledger SET host = n.value->>'host', policy = n.value->>'text',
    company_name = coalesce(n.value->>'company', company_name), date = coalesce(nullif(n.value->>'date', ''), date),
    status = coalesce(n.value->>'status', status)
  FROM json_each(?) AS n WHERE policy_id = n.value->>'id'
  RETURNING policy_id, sequence_id, CAST(date AS TEXT);
INSERT INTO ledger (policy_type, policy_id, company_name, date, host, status, policy)
  SELECT value->>'kind', value->>'id', value->>'company', value->>'date', value->>'host', value->>'status', value->>'text'
  FROM json_each(?) ORDER BY key RETURNING policy_id, sequence_id, CAST(date AS TEXT);
INSERT INTO policy_history (time, who, what, policy_type, policy_id, before, after)
  SELECT value->>'time', value->>'who', value->>'what', value->>'kind', value->>'id', value->>'before', value->>'after'
  FROM json_each(?) ORDER BY key;
COMMIT;";

const LOAD: &str = "SELECT sequence_id, policy_id, CAST(date AS TEXT), host, policy FROM ledger";
const HISTORY: &str = "SELECT time, who, what, policy_type, policy_id, before, after FROM policy_history \
    WHERE policy_id = ?1 ORDER BY change_id";
const HISTORY_SINCE: &str = "SELECT time, who, what, policy_type, policy_id, before, after FROM policy_history \
    WHERE time > ?1 ORDER BY change_id DESC";
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

    async fn transaction(&self, batch: &Batch) -> Result<Vec<SqliteRow>, sqlx::Error> {
        let plain = batch.deletes.is_empty() && batch.updates.is_empty();
        let query = if plain {
            sqlx::query(INSERT)
        } else {
            sqlx::query(CHANGE).bind(json(&batch.deletes)).bind(json(&batch.updates))
        };
        let query = query.bind(json(&batch.inserts)).bind(json(&batch.history));
        let mut connection = self.pool.acquire().await?;
        let rows = query.fetch_all(&mut *connection).await;
        if rows.is_err() {
            // The statements before the failing one are still open; nothing of them may stay.
            let _ = sqlx::query("ROLLBACK").execute(&mut *connection).await;
        }
        rows
    }
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

    async fn load(&self) -> Result<Contents, StoreError> {
        self.data_version.store(self.data_version().await?, Ordering::Relaxed);
        let mut found = sqlx::query(LOAD).fetch(&self.pool);
        let mut rows = Vec::new();
        while let Some(row) = found.try_next().await.map_err(|error| explain(&error))? {
            rows.push(read_row(&row).map_err(|error| explain(&error))?);
        }
        Ok(Contents { rows, version: 0 })
    }

    async fn news(&self, _since: i64) -> Result<News, StoreError> {
        let now = self.data_version().await?;
        Ok(if self.data_version.load(Ordering::Relaxed) == now { News::None } else { News::Everything })
    }

    async fn commit(&self, batch: &Batch) -> Result<Committed, StoreError> {
        let rows = self.transaction(batch).await.map_err(|error| explain(&error))?;
        let placed = rows.iter().map(read_placed).collect::<Result<_, _>>().map_err(|error| explain(&error))?;
        Ok(Committed { placed, version: 0 })
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

    async fn drop_table(&self) -> Result<(), StoreError> {
        sqlx::query("DROP TABLE ledger").execute(&self.pool).await.map(|_| ()).map_err(|error| explain(&error))
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

fn json<T: serde::Serialize>(values: &[T]) -> String {
    serde_json::to_string(values).unwrap_or_default()
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
        what: row.try_get(2)?,
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
        Some(1) if text.contains("no such table: ledger") => StoreError::NoTable,
        Some(18..=20) => StoreError::Refused(text),
        Some(5 | 6) => StoreError::Unavailable("the ledger file is locked by another process; try again".to_owned()),
        Some(8) => StoreError::Unavailable("the ledger file is read-only; check its owner and rights".to_owned()),
        Some(13) => StoreError::Unavailable("the disk is full; free space, writing resumes by itself".to_owned()),
        _ => StoreError::Unavailable(text),
    }
}
