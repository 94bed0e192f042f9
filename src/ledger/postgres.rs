//! The ledger in PostgreSQL, shared by several masters.
//!
//! Every write names the version that it was validated against and is one statement, so one round trip and one commit. Its
//! first line of history is the version after that one, which only one write can add: when another master was faster,
//! nothing is written, and the caller learns the news first. A master that has heard of no other for a while adds a policy by
//! a statement that fails instead: that is a tenth of its time less, and the server logs such a failure once.

use super::{
    announcer::Announcer,
    listener::Listener,
    store::{
        Batch, Changes, Committed, Deed, Engine, HistoryRow, LOADED_ROWS, NewRow, News, Placed, Row, Rows, Store,
        StoreError,
    },
};
use async_trait::async_trait;
use futures_util::TryStreamExt;
use sqlx::{
    Connection as _, PgConnection, PgPool, Postgres, Row as _,
    error::DatabaseError,
    pool::PoolConnection,
    postgres::{PgArguments, PgPoolOptions, PgRow},
    query::Query,
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

/// Adds one policy in the usual form of dates, when no other master writes.
const INSERT_ALONE: &str = "WITH noted AS (
  INSERT INTO policy_history (version, place, time, who, what, policy_type, policy_id)
  VALUES ($1::bigint + 1, 0, $2, $3, 'insert', $4, $5)
)
INSERT INTO ledger (policy_type, policy_id, company_name, date, host, status, policy)
VALUES ($4, $5, $6, $7::text::timestamp, $8, $9, $10)
RETURNING sequence_id";

/// Adds policies. The first line of history comes first: only one write can follow the version `$1`, whoever else tries
/// waits for its end and then adds nothing.
const INSERT: &str = "WITH n AS MATERIALIZED (
  SELECT * FROM unnest($5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[])
    WITH ORDINALITY AS n(who, kind, id, company, date, host, status, text, place)
), head AS (
  INSERT INTO policy_history (version, place, time, who, what, policy_type, policy_id)
  SELECT $1::bigint + 1, 0, $4, n.who, 'insert', n.kind, n.id FROM n, policy_history h
  WHERE n.place = 1 AND h.version = $1 AND h.place = 0
  ON CONFLICT DO NOTHING
  RETURNING version, CASE WHEN $3 THEN pg_notify('anylog_ledger', $2 || ':' || version) END
), noted AS (
  INSERT INTO policy_history (version, place, time, who, what, policy_type, policy_id)
  SELECT head.version, n.place - 1, $4, n.who, 'insert', n.kind, n.id FROM head, n WHERE n.place > 1
), put AS (
  INSERT INTO ledger (policy_type, policy_id, company_name, date, host, status, policy)
  SELECT n.kind, n.id, n.company, n.date::timestamp, n.host, n.status, n.text FROM head, n ORDER BY n.place
  RETURNING policy_id, sequence_id, to_char(date, 'YYYY-MM-DD\"T\"HH24:MI:SS.US') AS date
)
SELECT head.version, put.policy_id, put.sequence_id, put.date FROM head, put";

/// Does whatever a batch asks for.
const CHANGE: &str = "WITH n AS MATERIALIZED (
  SELECT * FROM unnest($11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[])
    WITH ORDINALITY AS n(time, who, what, kind, id, before, after, place)
), head AS (
  INSERT INTO policy_history (version, place, time, who, what, policy_type, policy_id, before, after)
  SELECT $1::bigint + 1, 0, n.time, n.who, n.what, n.kind, n.id, n.before, n.after FROM n, policy_history h
  WHERE n.place = 1 AND h.version = $1 AND h.place = 0
  ON CONFLICT DO NOTHING
  RETURNING version, CASE WHEN $3 THEN pg_notify('anylog_ledger', $2 || ':' || version) END
), noted AS (
  INSERT INTO policy_history (version, place, time, who, what, policy_type, policy_id, before, after)
  SELECT head.version, n.place - 1, n.time, n.who, n.what, n.kind, n.id, n.before, n.after
  FROM head, n WHERE n.place > 1
), gone AS (
  DELETE FROM ledger USING head WHERE policy_id = ANY($18::text[])
), changed AS (
  UPDATE ledger SET host = n.host, policy = n.text, company_name = coalesce(n.company, company_name),
    date = coalesce(nullif(n.date, '')::timestamp, ledger.date), status = coalesce(n.status, ledger.status)
  FROM head, unnest($19::text[], $20::text[], $21::text[], $22::text[], $23::text[], $24::text[])
    AS n(id, company, date, host, status, text)
  WHERE policy_id = n.id
  RETURNING policy_id, sequence_id, to_char(ledger.date, 'YYYY-MM-DD\"T\"HH24:MI:SS.US') AS date
), put AS (
  INSERT INTO ledger (policy_type, policy_id, company_name, date, host, status, policy)
  SELECT n.kind, n.id, n.company, n.date::timestamp, n.host, n.status, n.text
  FROM head, unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
    WITH ORDINALITY AS n(kind, id, company, date, host, status, text, place)
  ORDER BY n.place
  RETURNING policy_id, sequence_id, to_char(date, 'YYYY-MM-DD\"T\"HH24:MI:SS.US') AS date
), placed AS (
  SELECT * FROM changed UNION ALL SELECT * FROM put
)
SELECT head.version, placed.policy_id, placed.sequence_id, placed.date FROM head LEFT JOIN placed ON true";

/// Migrations that make what is missing when somebody dropped tables.
const AGAIN: [i64; 3] = [1, 4, 5];
const WHOLE: &str = "SELECT to_regclass('ledger') IS NOT NULL AND to_regclass('policy_history') IS NOT NULL";
const LOAD: &str = "SELECT (SELECT coalesce(max(version), 0) FROM policy_history), sequence_id, policy_id, \
    to_char(date, 'YYYY-MM-DD\"T\"HH24:MI:SS.US'), host, policy FROM ledger";
const VERSION: &str = "SELECT coalesce(max(version), 0) FROM policy_history";
const NEWS: &str = "SELECT v.version, h.policy_id, l.sequence_id, \
    to_char(l.date, 'YYYY-MM-DD\"T\"HH24:MI:SS.US'), l.host, l.policy \
    FROM (SELECT coalesce(max(version), 0) AS version FROM policy_history) v \
    LEFT JOIN (SELECT DISTINCT CASE WHEN what <> 'outside' THEN policy_id END AS policy_id \
      FROM policy_history WHERE version > $1) h ON true \
    LEFT JOIN ledger l ON l.policy_id = h.policy_id";
/// The text that an insert left is what stood before the next change, or stands in the table.
macro_rules! history {
    ($which:expr, $order:expr) => {
        concat!(
            "SELECT h.time, h.who, h.what, h.policy_type, h.policy_id, h.before, CASE
               WHEN h.what <> 'insert' OR h.after IS NOT NULL THEN h.after
               WHEN lead(h.what) OVER later IS NULL THEN l.policy
               ELSE lead(h.before) OVER later END
             FROM policy_history h LEFT JOIN ledger l ON l.policy_id = h.policy_id WHERE ",
            $which,
            " AND h.what <> 'outside' WINDOW later AS (PARTITION BY h.policy_id ORDER BY h.version, h.place) ORDER BY ",
            $order
        )
    };
}
const HISTORY: &str = history!("h.policy_id = $1", "h.version, h.place");
const HISTORY_SINCE: &str = history!("h.time > $1", "h.version DESC, h.place DESC");
const CLEAR: &str = "INSERT INTO policy_history (version, place, time, who, what, policy_type, policy_id, before)
    SELECT v.version, row_number() OVER (ORDER BY l.sequence_id) - 1, $1, $2, 'clear', l.policy_type, l.policy_id, l.policy
    FROM ledger l, (SELECT coalesce(max(version), 0) + 1 AS version FROM policy_history) v";
const DROPS: &str =
    "SELECT policy_id, max(time) FROM policy_history WHERE what = 'drop' AND time > $1 GROUP BY policy_id";

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

type Statement<'a> = Query<'a, Postgres, PgArguments>;

/// Tells whether a date reads in the column as it is here, apart from its zone.
fn is_column_text(date: &str) -> bool {
    let like = |(byte, shape): (u8, u8)| if shape == b'0' { byte.is_ascii_digit() } else { byte == shape };
    let shape = b"0000-00-00T00:00:00.000000Z";
    date.len() == shape.len()
        && date.bytes().zip(*shape).all(like)
        && date.get(11..13) < Some("24")
        && date.get(14..16) < Some("60")
        && date.get(17..19) < Some("60")
}

fn bind_inserts<'a>(query: Statement<'a>, rows: &'a [NewRow], notes: &'a [HistoryRow]) -> Statement<'a> {
    let query = query.bind(notes.first().map_or("", |note| &note.time)).bind(texts(notes, |note| &note.who));
    bind_rows(query.bind(texts(rows, |row| &row.kind)), rows)
}

fn bind_rows<'a>(query: Statement<'a>, rows: &'a [NewRow]) -> Statement<'a> {
    query
        .bind(texts(rows, |row| &row.id))
        .bind(options(rows, |row| &row.company))
        .bind(texts(rows, |row| &row.date))
        .bind(texts(rows, |row| &row.host))
        .bind(options(rows, |row| &row.status))
        .bind(texts(rows, |row| &row.text))
}

fn bind_change<'a>(query: Statement<'a>, batch: &'a Batch) -> Statement<'a> {
    let notes = &batch.history;
    let query = bind_rows(query.bind(texts(&batch.inserts, |row| &row.kind)), &batch.inserts)
        .bind(texts(notes, |note| &note.time))
        .bind(texts(notes, |note| &note.who))
        .bind(notes.iter().map(|note| note.what.word()).collect::<Vec<_>>())
        .bind(texts(notes, |note| &note.kind))
        .bind(texts(notes, |note| &note.id))
        .bind(options(notes, |note| &note.before))
        .bind(options(notes, |note| &note.after))
        .bind(&batch.deletes);
    bind_rows(query, &batch.updates)
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

fn texts<'a, T>(rows: &'a [T], of: impl Fn(&'a T) -> &'a String) -> Vec<&'a str> {
    rows.iter().map(|row| of(row).as_str()).collect()
}

fn options<'a, T>(rows: &'a [T], of: impl Fn(&'a T) -> &'a Option<String>) -> Vec<Option<&'a str>> {
    rows.iter().map(|row| of(row).as_deref()).collect()
}

fn read_row(row: &PgRow, first: usize) -> Result<Row, sqlx::Error> {
    Ok(Row {
        sequence: i64::from(row.try_get::<i32, _>(first)?),
        id: row.try_get(first + 1)?,
        date: row.try_get(first + 2)?,
        host: row.try_get(first + 3)?,
        text: row.try_get::<Option<String>, _>(first + 4)?.unwrap_or_default(),
    })
}

/// Reads what a statement that writes returns; absent when it wrote nothing.
fn committed(rows: &[PgRow]) -> Result<Option<Committed>, sqlx::Error> {
    let Some(first) = rows.first() else { return Ok(None) };
    let placed = rows.iter().filter_map(|row| read_placed(row).transpose()).collect::<Result<_, _>>()?;
    Ok(Some(Committed { placed, version: first.try_get(0)? }))
}

fn read_placed(row: &PgRow) -> Result<Option<Placed>, sqlx::Error> {
    let Some(id) = row.try_get::<Option<String>, _>(1)? else { return Ok(None) };
    Ok(Some(Placed { id, sequence: i64::from(row.try_get::<i32, _>(2)?), date: row.try_get(3)? }))
}

fn read_history(row: &PgRow) -> Result<HistoryRow, sqlx::Error> {
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

/// Sorts a failure into what the writer has to do about it (SQLSTATE classes).
pub(super) fn explain(error: &sqlx::Error) -> StoreError {
    let Some(db) = error.as_database_error() else {
        return match error {
            sqlx::Error::Io(_) | sqlx::Error::Protocol(_) => StoreError::Lost(error.to_string()),
            sqlx::Error::PoolTimedOut => StoreError::Unavailable("the database cannot be reached".to_owned()),
            _ => StoreError::Unavailable(format!("the database cannot be reached: {error}")),
        };
    };
    let (code, text) = (db.code().unwrap_or_default(), db.message().to_owned());
    match code.as_ref() {
        "42P01" if text.contains("\"ledger\"") || text.contains("\"policy_history\"") => StoreError::NoTable,
        "25006" => {
            StoreError::Unavailable("the database is read-only; writing resumes when it accepts writes".to_owned())
        }
        "53100" => StoreError::Unavailable(
            "the disk of the database is full; free space, writing resumes by itself".to_owned(),
        ),
        "40001" | "40P01" => StoreError::Moved,
        "57P01" | "57P02" | "57P03" | "08000" | "08003" | "08006" => StoreError::Lost(text),
        code if code.starts_with("22") || code.starts_with("23") => StoreError::Refused(text),
        _ => StoreError::Unavailable(text),
    }
}

#[cfg(test)]
mod tests {
    use super::is_column_text;

    #[test]
    fn only_a_date_in_its_usual_form_reads_in_the_column_as_it_is() {
        assert!(is_column_text("2026-01-01T23:59:59.000001Z"));
        for other in ["2026-01-01T24:00:00.000000Z", "2026-01-01T00:00:60.000000Z", "2026-01-01T00:60:00.000000Z"] {
            assert!(!is_column_text(other), "{other}");
        }
        for other in
            ["", "2026-01-01", "2026-01-01 00:00:00.000000Z", "2026-01-01T00:00:00.00000Z", "2026-01-01T00:00:00.é000Z"]
        {
            assert!(!is_column_text(other), "{other}");
        }
    }
}
