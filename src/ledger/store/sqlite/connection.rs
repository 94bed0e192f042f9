//! A connection to SQLite on a thread of its own: what waits for the disk there holds nobody else up, and a statement that was
//! begun comes to its end whoever still waits for it.

use crate::{
    ledger::store::database_error::{DatabaseCause, DatabaseError},
    runtime::limits,
};
use rusqlite::Connection;
use std::thread;
use tokio::sync::{mpsc, oneshot};

/// What the thread of a connection does next.
enum Job {
    /// Works with the connection.
    Work(Box<dyn FnOnce(&mut Connection) + Send>),
    /// Closes it and says so.
    Close(oneshot::Sender<()>),
}

/// A connection that does one thing after the other. It is closed by [`SqliteConnection::close`], or some time after it was dropped.
#[derive(Debug)]
pub struct SqliteConnection {
    jobs: mpsc::Sender<Job>,
}

impl SqliteConnection {
    /// Connects.
    ///
    /// # Errors
    /// What `connect` says, or that there is no thread to be had.
    pub async fn open(
        connect: impl FnOnce() -> rusqlite::Result<Connection> + Send + 'static,
    ) -> Result<Self, DatabaseError> {
        let (jobs, waiting) = mpsc::channel(limits::STORE_QUEUE);
        let (opened, outcome) = oneshot::channel();
        let begin = move || match connect() {
            Ok(connection) => {
                let _ = opened.send(Ok(()));
                serve(connection, waiting);
            }
            Err(error) => {
                let _ = opened.send(Err(error));
            }
        };
        thread::Builder::new().name("sqlite".to_owned()).spawn(begin).map_err(DatabaseCause::NoThread)?;
        outcome.await.map_err(|_| DatabaseCause::Closed)?.map_err(DatabaseCause::File)?;
        Ok(Self { jobs })
    }

    /// Does work with the connection, after all that was asked for before, and returns what comes of it.
    ///
    /// # Errors
    /// [`DatabaseCause::Closed`] when the connection is closed.
    pub async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> T + Send + 'static,
    ) -> Result<T, DatabaseError> {
        let (answer, answered) = oneshot::channel();
        let work = move |connection: &mut Connection| {
            let _ = answer.send(work(connection));
        };
        self.jobs.send(Job::Work(Box::new(work))).await.map_err(|_| DatabaseCause::Closed)?;
        Ok(answered.await.map_err(|_| DatabaseCause::Closed)?)
    }

    /// Does what SQLite may refuse.
    ///
    /// # Errors
    /// What SQLite says, or that the connection is closed.
    pub async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, DatabaseError> {
        Ok(self.work(question).await?.map_err(DatabaseCause::File)?)
    }

    /// Closes the connection; returns when nothing holds the file any more.
    pub async fn close(&self) {
        let (closed, is_closed) = oneshot::channel();
        if self.jobs.send(Job::Close(closed)).await.is_ok() {
            let _ = is_closed.await;
        }
    }
}

fn serve(mut connection: Connection, mut jobs: mpsc::Receiver<Job>) {
    while let Some(job) = jobs.blocking_recv() {
        match job {
            Job::Work(work) => work(&mut connection),
            Job::Close(closed) => {
                drop(connection);
                let _ = closed.send(());
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn what_is_asked_is_done_in_order_until_it_is_closed() {
        let connection = SqliteConnection::open(Connection::open_in_memory).await.unwrap();
        let added =
            connection.ask(|connection| connection.execute_batch("CREATE TABLE t (a); INSERT INTO t VALUES (7)"));
        // Nobody waits for it to the end, and it is done all the same.
        let _ = tokio::time::timeout(Duration::ZERO, added).await;
        let count = "SELECT sum(a) FROM t";
        let asked = connection.ask(move |connection| connection.query_row(count, [], |row| row.get::<_, i64>(0))).await;
        assert_eq!(asked.unwrap(), 7);
        let wrong = connection.ask(|connection| connection.execute("INSERT INTO u VALUES (1)", [])).await.unwrap_err();
        assert_eq!(wrong.to_string(), "error returned from database: (code: 1) no such table: u");
        connection.close().await;
        let closed = connection.ask(|connection| connection.execute("SELECT 1", [])).await.unwrap_err();
        assert!(matches!(closed.cause(), DatabaseCause::Closed), "{closed}");
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_opened_says_why() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("none").join("a.dbms");
        let refused = SqliteConnection::open(move || Connection::open(path)).await.unwrap_err();
        assert!(refused.to_string().contains("unable to open database file"), "{refused}");
    }
}
