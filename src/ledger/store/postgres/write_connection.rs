//! The connection that writes.

use crate::ledger::store::postgres::connections::{Connections, Kept};
use sqlx::PgConnection;
use std::{
    pin::Pin,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, Sleep, sleep};

/// Keeps the connection that writes between two writes, apart from those that read: its statements are prepared on it.
#[derive(Debug, Default)]
pub struct WriteConnection(Mutex<Option<Connection>>);

/// A connection with the alarm that ends a wait for it. The alarm is put off from write to write: a new one for each would
/// wake another thread of the node, on a processor that the database needs.
#[derive(Debug)]
pub struct Connection {
    kept: Kept,
    alarm: Pin<Box<Sleep>>,
}

impl WriteConnection {
    /// Takes the connection; absent when there was no write yet, or the last one failed.
    pub fn take(&self) -> Option<Connection> {
        self.kept().take()
    }

    /// Keeps the connection for the next write.
    pub fn put_back(&self, mut connection: Connection) {
        connection.kept.was_used();
        *self.kept() = Some(connection);
    }

    fn kept(&self) -> MutexGuard<'_, Option<Connection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    /// Takes a connection that nobody else knows.
    #[must_use]
    pub fn new(kept: Kept) -> Self {
        Self { kept, alarm: Box::pin(sleep(Duration::ZERO)) }
    }

    /// Returns the connection if it may still be used.
    pub async fn trusted(self, connections: &Connections) -> Option<Self> {
        let Self { kept, alarm } = self;
        connections.trusted(kept).await.map(|kept| Self { kept, alarm })
    }

    /// Ends the connection in good form.
    pub async fn close(self) {
        self.kept.close().await;
    }

    /// Waits for the answer to a statement; absent when it takes too long.
    pub async fn answer<T>(&mut self, limit: Duration, ask: impl AsyncFnOnce(&mut PgConnection) -> T) -> Option<T> {
        self.alarm.as_mut().reset(Instant::now() + limit);
        tokio::select! {
            biased;
            answer = ask(self.kept.connection()) => Some(answer),
            () = self.alarm.as_mut() => None,
        }
    }
}
