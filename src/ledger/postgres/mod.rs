//! The ledger in PostgreSQL, shared by several masters.
//!
//! Every write names the version that it was validated against and is one statement, so one round trip and one commit. Its
//! first line of history is the version after that one, which only one write can add: when another master was faster,
//! nothing is written, and the caller learns the news first. A master that has heard of no other for a while adds a policy by
//! a statement that fails instead: that is a tenth of its time less, and the server logs such a failure once.

mod announcer;
mod answers;
mod listener;
mod statements;

use self::{
    announcer::Announcer,
    answers::{committed, explain, read_history, read_row},
    listener::Listener,
    statements::{
        AGAIN, CHANGE, CLEAR, DROPS, HISTORY, HISTORY_SINCE, INSERT, INSERT_ALONE, LOAD, NEWS, Statement, TRY_ADDING,
        TRY_REMOVING, VERSION, WHOLE, bind_change, bind_inserts, is_column_text,
    },
};
use crate::ledger::store::{
    Batch, Changes, Committed, Engine, HistoryRow, LOADED_ROWS, NewRow, News, Placed, Row, Rows, Store, StoreError,
};
use async_trait::async_trait;
use futures_util::TryStreamExt;
use sqlx::{
    Connection as _, PgConnection, PgPool, Postgres, Row as _, error::DatabaseError, pool::PoolConnection,
    postgres::PgPoolOptions,
};
use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, Sleep, error::Elapsed, sleep, timeout};

/// Longest time that a write or a look-up may take. With the news that may be asked for just before it, and one
/// more attempt after a lost connection, a write answers within two seconds.
const ANSWER_TIMEOUT: Duration = Duration::from_millis(1100);
/// Longest time that reading the history, which may be long, or dropping the table may take.
const HISTORY_TIMEOUT: Duration = Duration::from_secs(20);
/// Longest time to ask for news.
const NEWS_TIMEOUT: Duration = Duration::from_millis(400);
/// Longest time to wait for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_millis(400);
/// Connections of those that read; the writer and the listener have their own.
const MAX_CONNECTIONS: u32 = 3;

/// What every connection is set to. Plans: the statements fit any number of rows, planning one again takes longer than
/// doing it, and a plan made while the tables are small has to serve when they are large. A server too old for a setting
/// does without. The last one tells the trigger of the table that what this connection changes, also when it is nothing, is
/// no change by others.
const SETTINGS: [&str; 4] = [
    "SET plan_cache_mode = force_generic_plan",
    "SET enable_seqscan = off",
    "SET jit = off",
    "SET anylog.master = 'yes'",
];

/// A ledger database on a PostgreSQL server.
#[derive(Debug)]
pub struct PostgresStore {
    pool: PgPool,
    own: String,
    announcer: Arc<Announcer>,
    /// The connection that writes, between two writes. Always the same server process does them, with all it needs at hand,
    /// and nobody asks after each whether it is still there, as a pool does.
    writer: Mutex<Option<Line>>,
}

/// A connection that writes.
#[derive(Debug)]
struct Line {
    connection: PgConnection,
    /// When the write under way is given up. It is put off from write to write: a new alarm each time would wake another
    /// thread of ours to wait for it, on a processor that the database may need.
    alarm: Pin<Box<Sleep>>,
    /// True since a write through it found the version that it followed: a server that lost some, as a replica that took
    /// over may have, is one of another connection.
    followed: bool,
}

impl Line {
    fn new(connection: PgConnection) -> Self {
        Self { connection, alarm: Box::pin(sleep(ANSWER_TIMEOUT)), followed: false }
    }

    /// Waits for the answer to a statement; absent when it takes too long.
    async fn answer<T>(&mut self, ask: impl AsyncFnOnce(&mut PgConnection) -> T) -> Option<T> {
        self.alarm.as_mut().reset(Instant::now() + ANSWER_TIMEOUT);
        tokio::select! {
            biased;
            answer = ask(&mut self.connection) => Some(answer),
            () = self.alarm.as_mut() => None,
        }
    }
}

impl PostgresStore {
    /// Creates the store over connections to an existing database.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the machine has no random numbers.
    pub fn new(pool: PgPool) -> Result<Self, StoreError> {
        let number = getrandom::u64().map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Self { pool, own: format!("{number:016x}"), announcer: Arc::default(), writer: Mutex::default() })
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
        self.pool.acquire().await.map_err(|error| explain(&error))
    }

    fn writer(&self) -> MutexGuard<'_, Option<Line>> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the connection for a write; whoever wrote with success puts it back.
    async fn take_writer(&self) -> Result<Line, StoreError> {
        let kept = self.writer().take();
        match kept {
            Some(line) => Ok(line),
            None => Ok(Line::new(self.acquire().await?.detach())),
        }
    }

    /// Hands the rows over and returns their version, which a table without rows does not tell.
    async fn hand_over(&self, rows: Rows) -> Result<Option<i64>, StoreError> {
        let mut found = sqlx::query(LOAD).fetch(&self.pool);
        let mut read = Vec::with_capacity(LOADED_ROWS);
        let mut version = None;
        while let Some(row) = found.try_next().await.map_err(|error| explain(&error))? {
            version = row.try_get(0).map_err(|error| explain(&error))?;
            read.push(read_row(&row, 1).map_err(|error| explain(&error))?);
            if read.len() == LOADED_ROWS {
                rows.send(std::mem::replace(&mut read, Vec::with_capacity(LOADED_ROWS))).await?;
            }
        }
        rows.send(read).await?;
        Ok(version)
    }

    async fn news_once(connection: &mut PgConnection, since: i64) -> Result<News, sqlx::Error> {
        let rows = sqlx::query(NEWS).bind(since).fetch_all(connection).await?;
        let Some(first) = rows.first() else { return Ok(News::Everything) };
        let version: i64 = first.try_get(0)?;
        if version == since {
            return Ok(News::None);
        }
        let mut changed = Vec::with_capacity(rows.len());
        for row in &rows {
            // No id: others changed the table, or the version went back.
            let Some(id) = row.try_get::<Option<String>, _>(1)? else { return Ok(News::Everything) };
            let now = match row.try_get::<Option<i32>, _>(2)? {
                None => None,
                Some(sequence) => Some(Row {
                    sequence: i64::from(sequence),
                    id: id.clone(),
                    date: row.try_get(3)?,
                    host: row.try_get(4)?,
                    text: row.try_get::<Option<String>, _>(5)?.unwrap_or_default(),
                }),
            };
            changed.push((id, now));
        }
        Ok(News::Changed { rows: changed, version })
    }

    /// Writes a batch; absent when another master wrote first.
    async fn commit_once(&self, line: &mut Line, batch: &Batch) -> Result<Option<Committed>, StoreError> {
        if let (true, true, [row], [note]) =
            (line.followed, self.announcer.is_alone(), batch.inserts.as_slice(), batch.history.as_slice())
            && batch.adds()
            && is_column_text(&row.date)
        {
            return self.add_alone(line, batch.version, row, note).await;
        }
        let tells = self.announcer.tells();
        let query = if batch.adds() {
            bind_inserts(self.start(INSERT, batch, tells), &batch.inserts, &batch.history)
        } else {
            bind_change(self.start(CHANGE, batch, tells), batch)
        };
        let done = line.answer(async |connection| query.fetch_all(connection).await).await;
        self.announcer.ended(tells && matches!(&done, Some(Ok(rows)) if !rows.is_empty()));
        let rows = done.ok_or_else(silent)?.map_err(|error| explain(&error))?;
        line.followed = !rows.is_empty();
        committed(&rows).map_err(|error| explain(&error))
    }

    /// Adds one policy and fails when another master wrote first, or has the policy.
    async fn add_alone(
        &self,
        line: &mut Line,
        version: i64,
        row: &NewRow,
        note: &HistoryRow,
    ) -> Result<Option<Committed>, StoreError> {
        let query = sqlx::query_scalar(INSERT_ALONE).bind(version).bind(&note.time).bind(&note.who);
        let query = query.bind(&row.kind).bind(&row.id).bind(&row.company).bind(&row.date).bind(&row.host);
        let query = query.bind(&row.status).bind(&row.text);
        let done = line.answer(async |connection| query.fetch_one(connection).await).await;
        self.announcer.ended(false);
        let sequence: i32 = match done.ok_or_else(silent)? {
            Ok(sequence) => sequence,
            Err(error) if error.as_database_error().is_some_and(DatabaseError::is_unique_violation) => {
                self.announcer.heard();
                return Ok(None);
            }
            Err(error) => return Err(explain(&error)),
        };
        let date = Engine::Postgres.date_column(&row.date).to_owned();
        let placed = Placed { id: row.id.clone(), sequence: i64::from(sequence), date };
        Ok(Some(Committed { placed: vec![placed], version: version + 1 }))
    }

    /// Starts a statement that writes, with what all of them have.
    fn start<'a>(&'a self, sql: &'static str, batch: &Batch, tells: bool) -> Statement<'a> {
        sqlx::query(sql).bind(batch.version).bind(self.own.as_str()).bind(tells)
    }
}

#[async_trait]
impl Store for PostgresStore {
    fn engine(&self) -> Engine {
        Engine::Postgres
    }

    async fn exists(&self) -> Result<bool, StoreError> {
        let mut connection = self.acquire().await?;
        let found = sqlx::query_scalar("SELECT to_regclass('ledger') IS NOT NULL").fetch_one(&mut *connection);
        let found = timeout(ANSWER_TIMEOUT, found).await;
        answered(connection, found)
    }

    async fn prepare(&self) -> Result<(), StoreError> {
        let migrator = sqlx::migrate!("migrations/postgres");
        migrator.run(&self.pool).await.map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let mut connection = self.acquire().await?;
        let whole = timeout(ANSWER_TIMEOUT, sqlx::query_scalar(WHOLE).fetch_one(&mut *connection)).await;
        if answered(connection, whole)? {
            return Ok(());
        }
        for migration in migrator.iter().filter(|migration| AGAIN.contains(&migration.version)) {
            sqlx::raw_sql(migration.sql.clone()).execute(&self.pool).await.map_err(|error| explain(&error))?;
        }
        Ok(())
    }

    async fn load(&self, rows: Rows) -> Result<i64, StoreError> {
        match self.hand_over(rows).await? {
            Some(version) => Ok(version),
            None => {
                let mut connection = self.acquire().await?;
                let found = timeout(ANSWER_TIMEOUT, sqlx::query_scalar(VERSION).fetch_one(&mut *connection)).await;
                answered(connection, found)
            }
        }
    }

    async fn news(&self, since: i64) -> Result<News, StoreError> {
        let mut connection = self.acquire().await?;
        let news = timeout(NEWS_TIMEOUT, Self::news_once(&mut connection, since)).await;
        let news = answered(connection, news)?;
        if !matches!(news, News::None) {
            self.announcer.heard();
        }
        Ok(news)
    }

    async fn commit(&self, batch: &Batch) -> Result<Committed, StoreError> {
        let mut line = self.take_writer().await?;
        let done = self.commit_once(&mut line, batch).await;
        if !matches!(done, Err(StoreError::Lost(_) | StoreError::Unavailable(_))) {
            *self.writer() = Some(line);
        }
        done?.ok_or(StoreError::Moved)
    }

    async fn try_writing(&self) -> Result<(), StoreError> {
        let attempt = async {
            let mut transaction = self.pool.begin().await?;
            sqlx::query(TRY_ADDING).execute(&mut *transaction).await?;
            sqlx::query(TRY_REMOVING).execute(&mut *transaction).await?;
            transaction.commit().await
        };
        timeout(ANSWER_TIMEOUT, attempt).await.map_err(|_| silent())?.map_err(|error| explain(&error))
    }

    async fn history(&self, id: &str) -> Result<Vec<HistoryRow>, StoreError> {
        let mut connection = self.acquire().await?;
        let rows = timeout(HISTORY_TIMEOUT, sqlx::query(HISTORY).bind(id).fetch_all(&mut *connection)).await;
        let rows = answered(connection, rows)?;
        rows.iter().map(read_history).collect::<Result<_, _>>().map_err(|error| explain(&error))
    }

    async fn history_since(&self, time: &str) -> Result<Vec<HistoryRow>, StoreError> {
        let mut connection = self.acquire().await?;
        let rows = timeout(HISTORY_TIMEOUT, sqlx::query(HISTORY_SINCE).bind(time).fetch_all(&mut *connection)).await;
        let rows = answered(connection, rows)?;
        rows.iter().map(read_history).collect::<Result<_, _>>().map_err(|error| explain(&error))
    }

    async fn drops_since(&self, time: &str) -> Result<Vec<(String, String)>, StoreError> {
        let mut connection = self.acquire().await?;
        let drops = timeout(ANSWER_TIMEOUT, sqlx::query_as(DROPS).bind(time).fetch_all(&mut *connection)).await;
        answered(connection, drops)
    }

    async fn drop_table(&self, who: &str, time: &str) -> Result<(), StoreError> {
        let drop = async {
            let mut transaction = self.pool.begin().await?;
            sqlx::query(CLEAR).bind(time).bind(who).execute(&mut *transaction).await?;
            sqlx::query("DROP TABLE ledger").execute(&mut *transaction).await?;
            transaction.commit().await
        };
        timeout(HISTORY_TIMEOUT, drop).await.map_err(|_| silent())?.map_err(|error| explain(&error))
    }

    async fn changes(&self) -> Box<dyn Changes> {
        Box::new(Listener::new(self.pool.clone(), self.own.clone(), Arc::clone(&self.announcer)))
    }

    async fn close(&self) {
        let writer = self.writer().take();
        if let Some(line) = writer {
            let _ = timeout(NEWS_TIMEOUT, line.connection.close()).await;
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
        Ok(done) => done.map_err(|error| explain(&error)),
        Err(_) => {
            drop(connection.detach());
            Err(silent())
        }
    }
}

fn silent() -> StoreError {
    StoreError::Unavailable("the database does not answer; writing resumes when it does".to_owned())
}
