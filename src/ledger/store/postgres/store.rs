//! The store on a PostgreSQL database.

use crate::ledger::{
    history::{
        collected::collected,
        past_change::{HistorySelection, PastChange},
        row::HistoryRow,
    },
    store::{
        batch::{Batch, Committed},
        change_set::ChangeSet,
        database_error::DatabaseError,
        engine::Engine,
        error::StoreError,
        outage::Outage,
        postgres::{
            listener::NotificationListener,
            notifier::Notifier,
            rows::{change_set, committed, history_row, ledger_row, past_change},
            sql_state::SqlState,
            statements::{
                ALL_EXIST, CHANGES_FROM, CHANGES_FROM_FIRST_BY, CHANGES_SINCE, DROP_TABLE, DROPS, EXISTS, HISTORY,
                HISTORY_SINCE, KEEP_MOST_POLICIES, KEEP_ROWS, LAST_CHANGES, LOAD, LOAD_BYTES, MOST_POLICIES,
                NOTE_CLEAR, RENUMBER, REPEATED_MIGRATIONS, TRY_ADDING, TRY_REMOVING, VERSION, bind_write,
            },
            write_connection::{Connection, WriteConnection},
        },
        row::{ROWS_TOGETHER, RowSender},
        store::{ChangeListener, Store},
    },
};
use async_trait::async_trait;
use futures_util::TryStreamExt;
use sqlx::{
    PgPool, Postgres, Row as _,
    pool::PoolConnection,
    postgres::{PgPoolOptions, PgRow},
};
use std::{sync::Arc, time::Duration};
use tokio::time::{error::Elapsed, timeout};

/// Longest time that a write or a look-up may take. With the question what changed that may come just before it, and one
/// more attempt after a lost connection, a write answers within two seconds.
const ANSWER_TIMEOUT: Duration = Duration::from_millis(1100);
/// Longest time that reading the history, which may be long, or dropping the table may take.
const HISTORY_TIMEOUT: Duration = Duration::from_secs(20);
/// Longest time that the question what changed may take, and the end of a connection.
const CHANGES_TIMEOUT: Duration = Duration::from_millis(400);
/// Longest time to wait for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_millis(400);
/// Connections of those that read; the writer and the listener have their own.
const MAX_CONNECTIONS: u32 = 3;

/// What every connection is set to. The first three keep one plan for each statement, which fits any number of rows: to plan
/// a statement takes longer than to execute it, and a plan that was made while the tables were small has to serve when they
/// are large. A server that is too old for a setting does without it. The last one tells the trigger of the ledger table
/// that what this connection changes is no change by others.
const SETTINGS: [&str; 4] = [
    "SET plan_cache_mode = force_generic_plan",
    "SET enable_seqscan = off",
    "SET jit = off",
    "SET anylog.master = 'yes'",
];

/// The constraint that no two rows have the same number.
const NUMBERS: &str = "ledger_pkey";

/// A ledger database on a PostgreSQL server.
#[derive(Debug)]
pub struct PostgresStore {
    pool: PgPool,
    writer: WriteConnection,
    /// Name of this master in notifications.
    own: String,
    notifier: Arc<Notifier>,
}

impl PostgresStore {
    /// Creates the store over connections to an existing database.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the machine has no random numbers.
    pub fn new(pool: PgPool) -> Result<Self, StoreError> {
        let number = getrandom::u64().map_err(Outage::NoRandomNumbers)?;
        Ok(Self { pool, writer: WriteConnection::default(), own: format!("{number:016x}"), notifier: Arc::default() })
    }

    /// Returns the options of a pool that a ledger needs.
    #[must_use]
    pub fn pool_options() -> PgPoolOptions {
        PgPoolOptions::new()
            .max_connections(MAX_CONNECTIONS)
            .min_connections(1)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .after_connect(|connection, _| {
                Box::pin(async move {
                    for setting in SETTINGS {
                        let _ = sqlx::raw_sql(setting).execute(&mut *connection).await;
                    }
                    Ok(())
                })
            })
    }

    async fn acquire(&self) -> Result<PoolConnection<Postgres>, StoreError> {
        self.pool.acquire().await.map_err(store_error)
    }

    async fn take_writer(&self) -> Result<Connection, StoreError> {
        match self.writer.take() {
            Some(connection) => Ok(connection),
            None => Ok(Connection::new(self.acquire().await?.detach())),
        }
    }

    /// Hands the rows over and returns their version, which a table without rows does not tell.
    async fn send_rows(&self, statement: &'static str, rows: &RowSender) -> Result<Option<i64>, StoreError> {
        let mut found = sqlx::query(statement).fetch(&self.pool);
        let mut read = Vec::with_capacity(ROWS_TOGETHER);
        let mut version = None;
        while let Some(row) = found.try_next().await.map_err(store_error)? {
            version = row.try_get(0).map_err(store_error)?;
            read.push(ledger_row(&row, 1));
            if read.len() == ROWS_TOGETHER {
                rows.send(std::mem::replace(&mut read, Vec::with_capacity(ROWS_TOGETHER))).await?;
            }
        }
        rows.send(read).await?;
        Ok(version)
    }

    /// Writes a batch; absent when another master wrote first.
    async fn write(&self, connection: &mut Connection, batch: &Batch) -> Result<Option<Committed>, StoreError> {
        let notify = self.notifier.should_notify();
        let query = bind_write(batch, &self.own, notify);
        let done = connection.answer(ANSWER_TIMEOUT, async |connection| query.fetch_all(connection).await).await;
        self.notifier.commit_ended(notify && matches!(&done, Some(Ok(rows)) if !rows.is_empty()));
        let rows = done.ok_or(Outage::Silent)?;
        rows.and_then(|rows| committed(&rows)).map_err(store_error)
    }

    async fn history_rows(&self, statement: &'static str, value: &str) -> Result<Vec<HistoryRow>, StoreError> {
        let mut connection = self.acquire().await?;
        let rows = timeout(HISTORY_TIMEOUT, sqlx::query(statement).bind(value).fetch_all(&mut *connection)).await;
        Ok(readable(&answered(connection, rows)?, history_row))
    }

    async fn scalar<T>(&self, statement: &'static str) -> Result<T, StoreError>
    where
        T: Send + Unpin + for<'r> sqlx::Decode<'r, Postgres> + sqlx::Type<Postgres>,
    {
        let mut connection = self.acquire().await?;
        let found = timeout(ANSWER_TIMEOUT, sqlx::query_scalar(statement).fetch_one(&mut *connection)).await;
        answered(connection, found)
    }
}

#[async_trait]
impl Store for PostgresStore {
    fn engine(&self) -> Engine {
        Engine::Postgres
    }

    async fn exists(&self) -> Result<bool, StoreError> {
        self.scalar(EXISTS).await
    }

    async fn prepare(&self) -> Result<(), StoreError> {
        let migrator = sqlx::migrate!("migrations/postgres");
        migrator.run(&self.pool).await.map_err(|error| Outage::Migration(Arc::new(error)))?;
        if self.scalar(ALL_EXIST).await? {
            return Ok(());
        }
        // The migrations ran before, but somebody dropped a table since.
        for migration in migrator.iter().filter(|migration| REPEATED_MIGRATIONS.contains(&migration.version)) {
            sqlx::raw_sql(migration.sql.clone()).execute(&self.pool).await.map_err(store_error)?;
        }
        Ok(())
    }

    async fn load(&self, rows: RowSender) -> Result<i64, StoreError> {
        let version = match self.send_rows(LOAD, &rows).await {
            // A row that was handed over already is the same row again.
            Err(StoreError::Refused(_)) => self.send_rows(LOAD_BYTES, &rows).await?,
            loaded => loaded?,
        };
        match version {
            Some(version) => Ok(version),
            None => self.scalar(VERSION).await,
        }
    }

    async fn changes_since(&self, version: i64) -> Result<ChangeSet, StoreError> {
        let mut connection = self.acquire().await?;
        let rows = sqlx::query(CHANGES_SINCE).bind(version).fetch_all(&mut *connection);
        let rows = timeout(CHANGES_TIMEOUT, rows).await;
        match answered(connection, rows) {
            // A row cannot be sent as text; reading all of the table copes with that.
            Err(StoreError::Refused(_)) => Ok(ChangeSet::Unknown),
            rows => change_set(&rows?, version).map_err(store_error),
        }
    }

    async fn commit(&self, batch: &Batch) -> Result<Committed, StoreError> {
        let mut connection = self.take_writer().await?;
        let written = self.write(&mut connection, batch).await;
        if !matches!(written, Err(StoreError::ConnectionLost(_) | StoreError::Unavailable(_))) {
            self.writer.put_back(connection);
        }
        match written {
            Err(StoreError::Refused(failure)) if is_number_taken(&failure) => {
                let renumber = sqlx::query(RENUMBER).execute(&self.pool);
                timeout(ANSWER_TIMEOUT, renumber).await.map_err(|_| Outage::Silent)?.map_err(store_error)?;
                Err(StoreError::Conflict)
            }
            written => written?.ok_or(StoreError::Conflict),
        }
    }

    async fn try_writing(&self) -> Result<(), StoreError> {
        let attempt = async {
            let mut transaction = self.pool.begin().await?;
            sqlx::query(TRY_ADDING).execute(&mut *transaction).await?;
            sqlx::query(TRY_REMOVING).execute(&mut *transaction).await?;
            transaction.commit().await
        };
        timeout(ANSWER_TIMEOUT, attempt).await.map_err(|_| Outage::Silent)?.map_err(store_error)
    }

    async fn history(&self, id: &str) -> Result<Vec<HistoryRow>, StoreError> {
        self.history_rows(HISTORY, id).await
    }

    async fn history_since(&self, time: &str, most: u64) -> Result<Option<Vec<HistoryRow>>, StoreError> {
        let mut connection = self.acquire().await?;
        let rows = collected(sqlx::query(HISTORY_SINCE).bind(time).fetch(&mut *connection), history_row, most);
        let rows = timeout(HISTORY_TIMEOUT, rows).await;
        answered(connection, rows)
    }

    async fn past_changes(&self, which: &HistorySelection, most: usize) -> Result<Vec<PastChange>, StoreError> {
        let (statement, value, most) = match which {
            HistorySelection::Last(count) => (LAST_CHANGES, "", most.min(*count)),
            HistorySelection::Since(time) => (CHANGES_FROM, time.as_str(), most),
            HistorySelection::SinceFirstBy(who) => (CHANGES_FROM_FIRST_BY, who.as_str(), most),
        };
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let mut connection = self.acquire().await?;
        let rows = sqlx::query(statement).bind(value).bind(most).fetch_all(&mut *connection);
        let rows = timeout(HISTORY_TIMEOUT, rows).await;
        Ok(readable(&answered(connection, rows)?, past_change))
    }

    async fn drops_since(&self, time: &str) -> Result<Vec<(String, String)>, StoreError> {
        let mut connection = self.acquire().await?;
        let drops = timeout(ANSWER_TIMEOUT, sqlx::query(DROPS).bind(time).fetch_all(&mut *connection)).await;
        Ok(readable(&answered(connection, drops)?, |row| Ok((row.try_get(0)?, row.try_get(1)?))))
    }

    async fn most_policies(&self) -> Result<Option<i64>, StoreError> {
        let mut connection = self.acquire().await?;
        let found = timeout(ANSWER_TIMEOUT, sqlx::query_scalar(MOST_POLICIES).fetch_optional(&mut *connection)).await;
        answered(connection, found)
    }

    async fn keep_most_policies(&self, most: i64) -> Result<(), StoreError> {
        let mut connection = self.acquire().await?;
        let kept = sqlx::query(KEEP_MOST_POLICIES).bind(most).execute(&mut *connection);
        let kept = timeout(ANSWER_TIMEOUT, kept).await;
        answered(connection, kept).map(drop)
    }

    async fn drop_table(&self, who: &str, time: &str) -> Result<(), StoreError> {
        let drop = async {
            let mut transaction = self.pool.begin().await?;
            sqlx::query(NOTE_CLEAR).bind(time).bind(who).execute(&mut *transaction).await?;
            sqlx::query(KEEP_ROWS).bind(time).execute(&mut *transaction).await?;
            sqlx::query(DROP_TABLE).execute(&mut *transaction).await?;
            transaction.commit().await
        };
        timeout(HISTORY_TIMEOUT, drop).await.map_err(|_| Outage::Silent)?.map_err(store_error)
    }

    async fn listen(&self) -> Box<dyn ChangeListener> {
        Box::new(NotificationListener::new(self.pool.clone(), self.own.clone(), Arc::clone(&self.notifier)))
    }

    async fn close(&self) {
        if let Some(connection) = self.writer.take() {
            let _ = timeout(CHANGES_TIMEOUT, connection.close()).await;
        }
        self.pool.close().await;
    }
}

/// Returns what the database answered. A connection on which it did not answer in time is given up: whoever comes next
/// gets a new one, as the server may be there again while the old connection stays dead.
fn answered<T>(
    connection: PoolConnection<Postgres>,
    done: Result<Result<T, sqlx::Error>, Elapsed>,
) -> Result<T, StoreError> {
    match done {
        Ok(done) => done.map_err(store_error),
        Err(_) => {
            drop(connection.detach());
            Err(Outage::Silent.into())
        }
    }
}

/// Returns what can be read of rows; the others are counted in the log.
fn readable<T>(rows: &[PgRow], read: impl Fn(&PgRow) -> Result<T, sqlx::Error>) -> Vec<T> {
    let found: Vec<T> = rows.iter().filter_map(|row| read(row).ok()).collect();
    if found.len() < rows.len() {
        tracing::warn!(lines = rows.len() - found.len(), "lines of the history cannot be read and are left out");
    }
    found
}

/// Tells whether somebody else gave a row the number that comes next.
fn is_number_taken(failure: &DatabaseError) -> bool {
    let constraint = failure.cause().as_database_error().and_then(sqlx::error::DatabaseError::constraint);
    constraint == Some(NUMBERS)
}

/// Sorts a failure into what the writer has to do about it.
fn store_error(error: sqlx::Error) -> StoreError {
    let failure = DatabaseError::from(error);
    let engine = Engine::Postgres;
    match failure.sql_state() {
        Some(SqlState::UndefinedTable) => StoreError::NoTable,
        Some(SqlState::ReadOnly) => Outage::ReadOnly { engine, source: failure }.into(),
        Some(SqlState::DiskFull) => Outage::DiskFull { engine, source: failure }.into(),
        Some(SqlState::Serialization) => StoreError::Conflict,
        Some(SqlState::Connection | SqlState::Shutdown) => StoreError::ConnectionLost(failure),
        Some(SqlState::Data | SqlState::Constraint | SqlState::Size | SqlState::UniqueViolation) => {
            StoreError::Refused(failure)
        }
        Some(_) => Outage::Failed(failure).into(),
        None => match failure.cause() {
            sqlx::Error::Io(_) | sqlx::Error::Protocol(_) => StoreError::ConnectionLost(failure),
            sqlx::Error::PoolTimedOut => Outage::NoConnection.into(),
            _ => Outage::Unreachable(failure).into(),
        },
    }
}
