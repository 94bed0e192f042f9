//! Reads the history of a file over a connection of its own: it may be long, and has no index for the id of a policy, so whoever
//! looks back at it would hold up everybody who writes.

use crate::{
    ledger::store::{
        database_error::{DatabaseCause, DatabaseError},
        sqlite::{connection::SqliteConnection, load::open_beside},
    },
    runtime::limits::{HELD_UP_TIME, HISTORY_TIME},
};
use rusqlite::Connection;
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::OnceCell;

/// Steps of SQLite between two looks whether a question is over, each about one value.
const STEPS: i32 = 1000;

/// Asks one question after the other, each for as long as it may take and somebody waits for its answer.
#[derive(Debug)]
pub struct HistoryReader {
    /// The file, where another connection may read it; nothing where that would hold up the writes as well.
    file: Option<PathBuf>,
    /// The connection, made for the first question.
    own: OnceCell<SqliteConnection>,
    closed: Arc<AtomicBool>,
}

impl HistoryReader {
    /// Makes no connection yet.
    #[must_use]
    pub fn new(file: Option<PathBuf>) -> Self {
        Self { file, own: OnceCell::new(), closed: Arc::default() }
    }

    /// Asks a question; where there can be no other connection it is asked over the one that writes, and may take little time.
    ///
    /// # Errors
    /// What SQLite says, also that the question was interrupted, or that the file is closed.
    pub async fn ask<T: Send + 'static>(
        &self,
        writer: &SqliteConnection,
        question: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, DatabaseError> {
        // It goes with whoever waits for the answer.
        let asked = Arc::new(());
        let (waits, closed) = (Arc::downgrade(&asked), Arc::clone(&self.closed));
        let is_over = move || waits.strong_count() == 0 || closed.load(Ordering::Relaxed);
        let (connection, time) = match &self.file {
            Some(file) => (self.connected(file).await?, HISTORY_TIME),
            None => (writer, HELD_UP_TIME),
        };
        connection.ask(move |connection| answer(connection, time, is_over, question)).await
    }

    /// Ends what is being read and closes the connection.
    pub async fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        if let Some(own) = self.own.get() {
            own.close().await;
        }
    }

    async fn connected(&self, file: &Path) -> Result<&SqliteConnection, DatabaseError> {
        if self.closed.load(Ordering::Relaxed) {
            return Err(DatabaseCause::Closed.into());
        }
        let file = file.to_owned();
        self.own.get_or_try_init(|| SqliteConnection::open(move || open_beside(&file))).await
    }
}

/// Answers a question, unless its time is over before, or it itself is. What comes next over the connection has no such end.
fn answer<T>(
    connection: &mut Connection,
    time: Duration,
    is_over: impl Fn() -> bool + Send + 'static,
    question: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let end = Instant::now() + time;
    connection.progress_handler(STEPS, Some(move || Instant::now() >= end || is_over()))?;
    let answer = question(connection);
    connection.progress_handler(0, None::<fn() -> bool>)?;
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::ErrorCode;

    fn endless(connection: &mut Connection) -> rusqlite::Result<i64> {
        let numbers = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c";
        connection.query_row(numbers, [], |row| row.get(0))
    }

    #[test]
    fn a_question_ends_with_its_time_and_with_whoever_asked() {
        let mut connection = Connection::open_in_memory().unwrap();
        let late = answer(&mut connection, Duration::from_millis(20), || false, endless).unwrap_err();
        assert_eq!(late.sqlite_error_code(), Some(ErrorCode::OperationInterrupted));
        let given_up = answer(&mut connection, Duration::from_secs(600), || true, endless).unwrap_err();
        assert_eq!(given_up.sqlite_error_code(), Some(ErrorCode::OperationInterrupted));
        // Whoever writes over the same connection is not interrupted.
        let long = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 50000) SELECT count(*) FROM c";
        assert_eq!(connection.query_row(long, [], |row| row.get::<_, i64>(0)).unwrap(), 50_000);
    }

    #[tokio::test]
    async fn a_closed_reader_makes_no_connection() {
        let directory = tempfile::tempdir().unwrap();
        let writer = SqliteConnection::open(Connection::open_in_memory).await.unwrap();
        let reader = HistoryReader::new(Some(directory.path().join("a.dbms")));
        reader.close().await;
        let refused = reader.ask(&writer, endless).await.unwrap_err();
        assert!(matches!(refused.cause(), DatabaseCause::Closed), "{refused}");
    }
}
