//! The connected databases by logical name.

use crate::ledger::{
    connection::{Connection, Target},
    error::Error,
    store::Engine,
};
use indexmap::IndexMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Connected databases by logical name, in the order in which they were connected.
#[derive(Default)]
pub struct Databases {
    connections: RwLock<IndexMap<String, Arc<Connection>>>,
}

/// What `connect` found.
pub enum Connected {
    /// The database is connected now.
    Now(Arc<Connection>),
    /// It was connected already, with an engine of the same kind.
    Before(Arc<Connection>),
    /// The name is taken by a database of another kind.
    Other(Engine),
}

impl Databases {
    /// Connects a database under a logical name.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it cannot be connected.
    pub async fn connect(&self, name: &str, engine: Engine, target: Target) -> Result<Connected, Error> {
        if let Some(known) = self.get(name) {
            return Ok(if known.engine() == engine {
                Connected::Before(known)
            } else {
                Connected::Other(known.engine())
            });
        }
        let connection = Arc::new(Connection::open(name, target).await?);
        let mut connections = self.connections.write().unwrap_or_else(PoisonError::into_inner);
        connections.insert(name.to_owned(), Arc::clone(&connection));
        Ok(Connected::Now(connection))
    }

    /// Forgets a database and closes its connections; false when it was not connected.
    pub async fn disconnect(&self, name: &str) -> bool {
        let connection = self.connections.write().unwrap_or_else(PoisonError::into_inner).shift_remove(name);
        match connection {
            None => false,
            Some(connection) => {
                connection.close().await;
                true
            }
        }
    }

    /// Returns a connected database.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Arc<Connection>> {
        self.connections.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// Returns all connected databases.
    #[must_use]
    pub fn list(&self) -> Vec<Arc<Connection>> {
        self.connections.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }
}
