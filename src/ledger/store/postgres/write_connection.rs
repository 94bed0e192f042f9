//! The connection that writes.

use sqlx::PgConnection;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Keeps the connection that writes between two writes. It stays out of the pool, which would ask the server after each
/// write whether the connection is still alive: one round trip more.
#[derive(Debug, Default)]
pub struct WriteConnection(Mutex<Option<PgConnection>>);

impl WriteConnection {
    /// Takes the connection; absent when there was no write yet, or the last one failed.
    pub fn take(&self) -> Option<PgConnection> {
        self.kept().take()
    }

    /// Keeps the connection for the next write.
    pub fn put_back(&self, connection: PgConnection) {
        *self.kept() = Some(connection);
    }

    fn kept(&self) -> MutexGuard<'_, Option<PgConnection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
