//! The connected databases by logical name.

use crate::ledger::{
    error::Error,
    store::{
        database::{ConnectedDatabase, DatabaseTarget},
        engine::Engine,
        sql::reader::ReaderLogin,
    },
};
use indexmap::IndexMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Connected databases by logical name, in the order in which they were connected.
#[derive(Default)]
pub struct Databases {
    connected: RwLock<IndexMap<String, Arc<ConnectedDatabase>>>,
    reader: Option<ReaderLogin>,
}

/// What came of a request to connect a database.
pub enum ConnectOutcome {
    /// The database is connected now.
    Connected(Arc<ConnectedDatabase>),
    /// It was connected already, with an engine of the same kind.
    AlreadyConnected(Arc<ConnectedDatabase>),
    /// The name is taken by a database of another kind.
    NameTaken(Engine),
}

impl Databases {
    /// Creates an empty list; `reader` is the login of servers for statements of others.
    #[must_use]
    pub fn new(reader: Option<ReaderLogin>) -> Self {
        Self { reader, ..Self::default() }
    }

    /// Connects a database under a logical name.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it cannot be connected.
    pub async fn connect(&self, name: &str, engine: Engine, target: DatabaseTarget) -> Result<ConnectOutcome, Error> {
        if let Some(known) = self.get(name) {
            return Ok(if known.engine() == engine {
                ConnectOutcome::AlreadyConnected(known)
            } else {
                ConnectOutcome::NameTaken(known.engine())
            });
        }
        let database = Arc::new(ConnectedDatabase::connect(name, target, self.reader.clone()).await?);
        let mut connected = self.connected.write().unwrap_or_else(PoisonError::into_inner);
        connected.insert(name.to_owned(), Arc::clone(&database));
        Ok(ConnectOutcome::Connected(database))
    }

    /// Forgets a database and closes its connections; false when it was not connected.
    pub async fn disconnect(&self, name: &str) -> bool {
        let database = self.connected.write().unwrap_or_else(PoisonError::into_inner).shift_remove(name);
        match database {
            None => false,
            Some(database) => {
                database.close().await;
                true
            }
        }
    }

    /// Returns a connected database.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Arc<ConnectedDatabase>> {
        self.connected.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// Returns all connected databases.
    #[must_use]
    pub fn list(&self) -> Vec<Arc<ConnectedDatabase>> {
        self.connected.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }
}
