//! The connection that writes.

use sqlx::{Connection as _, PgConnection};
use std::{
    pin::Pin,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, Sleep, sleep};

/// Keeps the connection that writes between two writes. It stays out of the pool, which would ask the server after each
/// write whether the connection is still alive: one round trip more.
#[derive(Debug, Default)]
pub struct WriteConnection(Mutex<Option<Connection>>);

/// A connection with the alarm that ends a wait for it. The alarm is put off from write to write: a new one for each would
/// wake another thread of the node, on a processor that the database needs.
#[derive(Debug)]
pub struct Connection {
    connection: PgConnection,
    alarm: Pin<Box<Sleep>>,
}

impl WriteConnection {
    /// Takes the connection; absent when there was no write yet, or the last one failed.
    pub fn take(&self) -> Option<Connection> {
        self.kept().take()
    }

    /// Keeps the connection for the next write.
    pub fn put_back(&self, connection: Connection) {
        *self.kept() = Some(connection);
    }

    fn kept(&self) -> MutexGuard<'_, Option<Connection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    /// Takes a connection that no pool knows.
    #[must_use]
    pub fn new(connection: PgConnection) -> Self {
        Self { connection, alarm: Box::pin(sleep(Duration::ZERO)) }
    }

    /// Ends the connection in good form.
    ///
    /// # Errors
    /// When the server does not take the farewell.
    pub async fn close(self) -> Result<(), sqlx::Error> {
        self.connection.close().await
    }

    /// Waits for the answer to a statement; absent when it takes too long.
    pub async fn answer<T>(&mut self, limit: Duration, ask: impl AsyncFnOnce(&mut PgConnection) -> T) -> Option<T> {
        self.alarm.as_mut().reset(Instant::now() + limit);
        tokio::select! {
            biased;
            answer = ask(&mut self.connection) => Some(answer),
            () = self.alarm.as_mut() => None,
        }
    }
}
