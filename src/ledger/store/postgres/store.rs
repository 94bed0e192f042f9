//! The store on a PostgreSQL database.

use crate::ledger::{
    history::{
        collected::CollectedLines,
        past_change::{HistorySelection, PastChange},
        row::HistoryRow,
    },
    store::{
        batch::{Batch, Committed},
        change_set::ChangeSet,
        database_error::{DatabaseCause, DatabaseError},
        engine::Engine,
        error::StoreError,
        outage::Outage,
        postgres::{
            connections::{ACQUIRE_TIMEOUT, Connections, Lent},
            failure::store_error,
            last_write::{LastWrite, SeenWrite},
            listener::NotificationListener,
            notifier::Notifier,
            refusal,
            rows::{change_set, committed, history_row, ledger_row, past_change},
            statements::{
                ANSWERS, BEGIN_HISTORY, CHANGES_FROM, CHANGES_FROM_FIRST_BY, CHANGES_SINCE, DROP_TABLE, DROPS,
                END_HISTORY, EXISTS, HISTORY, HISTORY_SINCE, KEEP_MOST_POLICIES, KEEP_ROWS, LAST_CHANGES, LAST_WRITE,
                LOAD, LOAD_BYTES, MOST_POLICIES, NOTE_CLEAR, PostgresQuery, RENUMBER, TRY_ADDING, TRY_REMOVING,
                bind_queue, bind_write,
            },
            tables::{self, TablesFailure},
            write_connection::{Connection, WriteConnection},
        },
        row::{ROWS_TOGETHER, RowSender},
        store::{ChangeListener, Store},
    },
};
use async_trait::async_trait;
use futures_util::TryStreamExt;
use sqlx::{Connection as _, PgConnection, Postgres, Row as _, postgres::PgRow};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// Longest time that a write or a look-up may take. With the question what changed that may come just before it, and one
/// more attempt after a lost connection, a write answers within two seconds.
pub(super) const ANSWER_TIMEOUT: Duration = Duration::from_millis(1100);
/// Longest time that reading the history, which may be long, or dropping the table may take.
pub(super) const HISTORY_TIMEOUT: Duration = Duration::from_secs(20);
/// Changes that a write makes within [`ANSWER_TIMEOUT`]; each further one, as of an import, may take [`CHANGE_TIME`] more.
const CHANGES_IN_TIME: usize = 256;
/// Longest time that one of many changes may take.
const CHANGE_TIME: Duration = Duration::from_millis(1);
/// Longest time that the question what changed may take, and any other short one.
const CHANGES_TIMEOUT: Duration = Duration::from_millis(400);
/// The constraint that no two rows have the same number.
const NUMBERS: &str = "ledger_pkey";

/// A ledger database on a PostgreSQL server.
#[derive(Debug)]
pub struct PostgresStore {
    connections: Connections,
    writer: WriteConnection,
    /// What the view shows.
    seen: SeenWrite,
    /// Name of this master in notifications.
    own: String,
    notifier: Arc<Notifier>,
}

impl PostgresStore {
    /// Creates the store over connections to an existing database.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the machine has no random numbers.
    pub fn new(connections: Connections) -> Result<Self, StoreError> {
        let number = getrandom::u64().map_err(Outage::NoRandomNumbers)?;
        Ok(Self {
            connections,
            writer: WriteConnection::default(),
            seen: SeenWrite::default(),
            own: format!("{number:016x}"),
            notifier: Arc::default(),
        })
    }

    /// Returns the connections for questions.
    pub(super) const fn connections(&self) -> &Connections {
        &self.connections
    }

    /// Returns the name of this master in notifications.
    pub(super) fn own(&self) -> &str {
        &self.own
    }

    /// Takes the connection that writes, or makes one. It is no longer trusted when it was not used for a while.
    async fn take_writer(&self) -> Result<Connection, StoreError> {
        if let Some(connection) = self.writer.take()
            && let Some(connection) = connection.trusted(&self.connections).await
        {
            return Ok(connection);
        }
        let kept = match self.connections.take_trusted().await {
            Some(kept) => kept,
            None => self.connections.open(ACQUIRE_TIMEOUT).await?,
        };
        Ok(Connection::new(kept))
    }

    /// Says what has to be done about a failure to read or make the tables, where the server knows.
    async fn explained(&self, error: StoreError) -> StoreError {
        let StoreError::Unavailable(Outage::Failed(failure)) = error else { return error };
        let Ok(mut lent) = self.connections.lend().await else { return Outage::Failed(failure).into() };
        let server = self.connections.connector().server();
        let outage = timeout(CHANGES_TIMEOUT, refusal::of_tables(lent.connection(), server, failure.clone())).await;
        outage.unwrap_or(Outage::Failed(failure)).into()
    }

    /// Hands the rows over; a server that can only be read may lack what the view shows already.
    async fn send_rows(&self, statement: &'static str, rows: &RowSender) -> Result<(), StoreError> {
        let mut lent = self.connections.lend().await?.current()?;
        let sent = send_rows(lent.connection(), statement, rows).await;
        match sent {
            Ok(()) => {
                lent.give_back();
                Ok(())
            }
            Err(LoadError::Database(error)) => self.connections.judge(Some(Err(error)), || lent.give_back()),
            Err(LoadError::Silent) => self.connections.judge(None, || {}),
            Err(LoadError::Receiver(error)) => Err(error),
        }
    }

    /// Writes a batch; absent when another master wrote first.
    async fn write(&self, connection: &mut Connection, batch: &Batch) -> Result<Option<Committed>, StoreError> {
        let notify = self.notifier.should_notify();
        let query = bind_write(batch, &self.own, notify);
        let done = connection.answer(write_timeout(batch), async |connection| query.fetch_all(connection).await).await;
        self.notifier.commit_ended(notify && matches!(&done, Some(Ok(rows)) if !rows.is_empty()));
        self.connections.judge(done.map(|rows| rows.and_then(|rows| committed(&rows))), || {})
    }

    /// Writes a batch that changes no row: what waits for a platform before anybody sees it.
    async fn queue(&self, batch: &Batch) -> Result<Committed, StoreError> {
        let query = bind_queue(batch);
        self.connections.ask(write_timeout(batch), async |connection| query.execute(connection).await).await?;
        Ok(Committed { placed: Vec::new(), version: batch.version })
    }

    /// Reads lines of the history until they take more memory than they may.
    pub(super) async fn collected(
        &self,
        query: PostgresQuery<'_>,
        most: u64,
    ) -> Result<Option<Vec<HistoryRow>>, StoreError> {
        let mut lent = self.connections.lend_long().await?;
        let read = timeout(HISTORY_TIMEOUT, collect(lent.connection(), query, most)).await;
        self.looked_back(lent, read.ok()).await
    }

    /// Decides by what was read of the history, absent when its time was over, what becomes of its connection. One whose history was
    /// not read to the end is closed: the rest still comes over it, and whoever asked there next would wait for all of it first.
    async fn looked_back<T>(
        &self,
        lent: Lent,
        read: Option<Result<Option<T>, sqlx::Error>>,
    ) -> Result<Option<T>, StoreError> {
        let Some(read) = read else {
            drop(lent);
            // A long history is no reason to leave a server that answers everybody else.
            let outage = if self.answers().await { Outage::LongHistory } else { Outage::Silent };
            return Err(outage.into());
        };
        let is_over = matches!(read, Ok(Some(_)));
        self.connections.judge(Some(read), || {
            if is_over {
                lent.give_back();
            }
        })
    }

    /// Tells whether the server answers a short question about the tables now: what did not come in time was too much then.
    async fn answers(&self) -> bool {
        let query = sqlx::query(ANSWERS);
        let ask = async |connection: &mut PgConnection| query.execute(connection).await;
        self.connections.ask_current(CHANGES_TIMEOUT, ask).await.is_ok()
    }

    /// Reads the deletions after a time.
    async fn drops(&self, time: &str, limit: Duration) -> Result<Vec<PgRow>, StoreError> {
        let query = sqlx::query(DROPS).bind(time);
        self.connections.ask_current(limit, async |connection| query.fetch_all(connection).await).await
    }

    /// Reads the last write that the table shows.
    async fn last_write(&self) -> Result<LastWrite, StoreError> {
        let ask = async |connection: &mut PgConnection| sqlx::query(LAST_WRITE).fetch_optional(connection).await;
        let row = self.connections.ask_current(ANSWER_TIMEOUT, ask).await?;
        let Some(row) = row else { return Ok(LastWrite::default()) };
        let read = || Ok(LastWrite { version: row.try_get(0)?, time: row.try_get(1)? });
        read().map_err(|error: sqlx::Error| store_error(error.into()))
    }

    async fn scalar<T>(&self, statement: &'static str) -> Result<T, StoreError>
    where
        T: Send + Unpin + for<'r> sqlx::Decode<'r, Postgres> + sqlx::Type<Postgres>,
    {
        let query = sqlx::query_scalar(statement);
        self.connections.ask(ANSWER_TIMEOUT, async |connection| query.fetch_one(connection).await).await
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
        let mut lent = self.connections.lend().await?;
        match tables::create(lent.connection()).await {
            Ok(()) => {
                lent.give_back();
                Ok(())
            }
            Err(TablesFailure::Database(failure)) => {
                drop(lent);
                Err(self.explained(store_error(failure)).await)
            }
            Err(TablesFailure::Unusable(outage)) => Err(outage.into()),
            Err(TablesFailure::Silent) => self.connections.judge(None, || {}),
        }
    }

    async fn load(&self, rows: RowSender) -> Result<i64, StoreError> {
        let era = self.connections.current_era();
        // The version is read before the rows: what is written in between is read twice, and not left out.
        let last = match self.last_write().await {
            Ok(last) => last,
            Err(error) => return Err(self.explained(error).await),
        };
        let loaded = match self.send_rows(LOAD, &rows).await {
            // A row that was handed over already is the same row again.
            Err(StoreError::Refused(_)) => self.send_rows(LOAD_BYTES, &rows).await,
            loaded => loaded,
        };
        if let Err(error) = loaded {
            return Err(self.explained(error).await);
        }
        let version = last.version;
        self.seen.note(last, era);
        Ok(version)
    }

    async fn changes_since(&self, version: i64) -> Result<ChangeSet, StoreError> {
        let Some(time) = self.seen.time(version) else { return Ok(ChangeSet::Unknown) };
        let era = self.connections.current_era();
        let query = sqlx::query(CHANGES_SINCE).bind(version).bind(time);
        let ask = async |connection: &mut PgConnection| query.fetch_all(connection).await;
        let rows = self.connections.ask_current(CHANGES_TIMEOUT, ask).await;
        // Asked again it would be as much, or more. The whole table is read for as long as rows come.
        if is_silent(&rows) && self.answers().await {
            return Ok(ChangeSet::Unknown);
        }
        match rows {
            // A row cannot be sent as text; reading all of the table copes with that.
            Err(StoreError::Refused(_)) => Ok(ChangeSet::Unknown),
            rows => {
                let (changes, last) = change_set(&rows?, version).map_err(|error| store_error(error.into()))?;
                if !matches!(changes, ChangeSet::Unknown) {
                    self.seen.note(last, era);
                }
                Ok(changes)
            }
        }
    }

    async fn commit(&self, batch: &Batch) -> Result<Committed, StoreError> {
        if batch.changes.is_empty() {
            return self.queue(batch).await;
        }
        let mut connection = self.take_writer().await?;
        if !self.seen.is_of(self.connections.current_era()) {
            // Another server may have lost what the view shows: that is asked before anything is written behind it.
            self.writer.put_back(connection);
            return Err(StoreError::Conflict);
        }
        let written = self.write(&mut connection, batch).await;
        if let Ok(Some(Committed { version, .. })) = &written {
            self.seen.wrote(LastWrite { version: *version, time: batch.time.clone() });
        }
        if !matches!(written, Err(StoreError::ConnectionLost(_) | StoreError::Unavailable(_))) {
            self.writer.put_back(connection);
        }
        match written {
            Err(StoreError::Refused(failure)) if is_number_taken(&failure) => {
                let renumber = sqlx::query(RENUMBER);
                self.connections.ask(ANSWER_TIMEOUT, async |connection| renumber.execute(connection).await).await?;
                Err(StoreError::Conflict)
            }
            written => written?.ok_or(StoreError::Conflict),
        }
    }

    async fn try_writing(&self) -> Result<(), StoreError> {
        let attempt = async |connection: &mut PgConnection| {
            let mut transaction = connection.begin().await?;
            sqlx::query(TRY_ADDING).execute(&mut *transaction).await?;
            sqlx::query(TRY_REMOVING).execute(&mut *transaction).await?;
            transaction.commit().await
        };
        self.connections.ask(ANSWER_TIMEOUT, attempt).await
    }

    async fn history(&self, id: &str, most: u64) -> Result<Option<Vec<HistoryRow>>, StoreError> {
        self.collected(sqlx::query(HISTORY).bind(id), most).await
    }

    async fn history_since(&self, time: &str, most: u64) -> Result<Option<Vec<HistoryRow>>, StoreError> {
        self.collected(sqlx::query(HISTORY_SINCE).bind(time), most).await
    }

    async fn past_changes(&self, which: &HistorySelection, most: usize) -> Result<Vec<PastChange>, StoreError> {
        let (statement, value, most) = match which {
            HistorySelection::Last(count) => (LAST_CHANGES, "", most.min(*count)),
            HistorySelection::Since(time) => (CHANGES_FROM, time.as_str(), most),
            HistorySelection::SinceFirstBy(who) => (CHANGES_FROM_FIRST_BY, who.as_str(), most),
        };
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let query = sqlx::query(statement).bind(value).bind(most);
        // What is taken back is found in it: a server that can only be read may lack the last changes.
        let mut lent = self.connections.lend_long().await?.current()?;
        let read = timeout(HISTORY_TIMEOUT, collect_rows(lent.connection(), query)).await;
        let rows = self.looked_back(lent, read.ok().map(|rows| rows.map(Some))).await?.unwrap_or_default();
        Ok(readable(&rows, past_change))
    }

    async fn drops_since(&self, time: &str) -> Result<Vec<(String, String)>, StoreError> {
        let mut drops = self.drops(time, ANSWER_TIMEOUT).await;
        // Whoever drops very many policies makes this long, for days.
        if is_silent(&drops) && self.answers().await {
            drops = self.drops(time, HISTORY_TIMEOUT).await;
        }
        Ok(readable(&drops?, |row| Ok((row.try_get(0)?, row.try_get(1)?))))
    }

    async fn most_policies(&self) -> Result<Option<i64>, StoreError> {
        let query = sqlx::query_scalar(MOST_POLICIES);
        self.connections.ask(ANSWER_TIMEOUT, async |connection| query.fetch_optional(connection).await).await
    }

    async fn keep_most_policies(&self, most: i64) -> Result<(), StoreError> {
        let query = sqlx::query(KEEP_MOST_POLICIES).bind(most);
        let kept = self.connections.ask(ANSWER_TIMEOUT, async |connection| query.execute(connection).await);
        kept.await.map(drop)
    }

    async fn drop_table(&self, who: &str, time: &str) -> Result<(), StoreError> {
        let clear = async |connection: &mut PgConnection| {
            let mut transaction = connection.begin().await?;
            sqlx::query(NOTE_CLEAR).bind(time).bind(who).execute(&mut *transaction).await?;
            sqlx::query(KEEP_ROWS).bind(time).execute(&mut *transaction).await?;
            sqlx::query(DROP_TABLE).execute(&mut *transaction).await?;
            transaction.commit().await
        };
        self.connections.ask(HISTORY_TIMEOUT, clear).await
    }

    async fn listen(&self) -> Box<dyn ChangeListener> {
        Box::new(NotificationListener::new(self.connections.clone(), self.own.clone(), Arc::clone(&self.notifier)))
    }

    async fn close(&self) {
        if let Some(connection) = self.writer.take() {
            connection.close().await;
        }
        self.connections.close().await;
    }
}

/// Returns the longest time that writing a batch may take.
fn write_timeout(batch: &Batch) -> Duration {
    let changes = batch.changes.len().max(batch.outbox.len());
    let more = u32::try_from(changes.saturating_sub(CHANGES_IN_TIME)).unwrap_or(u32::MAX);
    ANSWER_TIMEOUT.saturating_add(CHANGE_TIME.saturating_mul(more))
}

/// Tells whether an answer did not come in time.
fn is_silent<T>(answer: &Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::Unavailable(Outage::Silent)))
}

/// Reads lines of the history, all of them or none when they take more memory than they may.
async fn collect(
    connection: &mut PgConnection,
    query: PostgresQuery<'_>,
    most: u64,
) -> Result<Option<Vec<HistoryRow>>, sqlx::Error> {
    sqlx::raw_sql(BEGIN_HISTORY).execute(&mut *connection).await?;
    let mut lines = CollectedLines::new(most);
    {
        let mut rows = query.fetch(&mut *connection);
        while let Some(row) = rows.try_next().await? {
            if !lines.add(history_row(&row)) {
                return Ok(None);
            }
        }
    }
    sqlx::raw_sql(END_HISTORY).execute(&mut *connection).await?;
    Ok(Some(lines.finish()))
}

/// Reads rows of the history.
async fn collect_rows(connection: &mut PgConnection, query: PostgresQuery<'_>) -> Result<Vec<PgRow>, sqlx::Error> {
    sqlx::raw_sql(BEGIN_HISTORY).execute(&mut *connection).await?;
    let rows = query.fetch_all(&mut *connection).await?;
    sqlx::raw_sql(END_HISTORY).execute(&mut *connection).await?;
    Ok(rows)
}

/// Why the rows did not all arrive.
enum LoadError {
    Database(sqlx::Error),
    /// None came for long.
    Silent,
    /// Nobody takes them any more.
    Receiver(StoreError),
}

impl From<sqlx::Error> for LoadError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

/// Hands the rows of a statement over, some at a time.
async fn send_rows(connection: &mut PgConnection, statement: &'static str, rows: &RowSender) -> Result<(), LoadError> {
    let mut found = sqlx::query(statement).fetch(connection);
    let mut read = Vec::with_capacity(ROWS_TOGETHER);
    while let Some(row) = timeout(HISTORY_TIMEOUT, found.try_next()).await.map_err(|_| LoadError::Silent)?? {
        read.push(ledger_row(&row, 0));
        if read.len() == ROWS_TOGETHER {
            let full = std::mem::replace(&mut read, Vec::with_capacity(ROWS_TOGETHER));
            rows.send(full).await.map_err(|error| LoadError::Receiver(error.into()))?;
        }
    }
    rows.send(read).await.map_err(|error| LoadError::Receiver(error.into()))
}

/// Returns what can be read of rows; the others are counted in the log.
pub(super) fn readable<T>(rows: &[PgRow], read: impl Fn(&PgRow) -> Result<T, sqlx::Error>) -> Vec<T> {
    let found: Vec<T> = rows.iter().filter_map(|row| read(row).ok()).collect();
    if found.len() < rows.len() {
        tracing::warn!(lines = rows.len() - found.len(), "lines of the history cannot be read and are left out");
    }
    found
}

/// Tells whether somebody else gave a row the number that comes next.
fn is_number_taken(failure: &DatabaseError) -> bool {
    let DatabaseCause::Server(error) = failure.cause() else { return false };
    error.as_database_error().and_then(sqlx::error::DatabaseError::constraint) == Some(NUMBERS)
}
