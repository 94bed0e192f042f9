//! The database of the ledger, as far as it is open.

use crate::ledger::store::{engine::Engine, store::Store};
use std::sync::Arc;

/// The database of the ledger.
#[derive(Clone)]
pub enum Storage {
    /// No database is connected.
    Detached,
    /// The database has no ledger table.
    NoTable(Arc<dyn Store>),
    /// The database has a ledger table that has not been read.
    Unread(Arc<dyn Store>),
    /// The view shows the table.
    Open {
        /// The database.
        store: Arc<dyn Store>,
        /// Version of the table that the view shows.
        version: i64,
    },
}

impl Storage {
    /// Returns the connected database.
    #[must_use]
    pub const fn store(&self) -> Option<&Arc<dyn Store>> {
        match self {
            Self::Detached => None,
            Self::NoTable(store) | Self::Unread(store) | Self::Open { store, .. } => Some(store),
        }
    }

    /// Returns the connected database when it has a ledger table.
    #[must_use]
    pub const fn store_with_table(&self) -> Option<&Arc<dyn Store>> {
        match self {
            Self::Detached | Self::NoTable(_) => None,
            Self::Unread(store) | Self::Open { store, .. } => Some(store),
        }
    }

    /// Returns the kind of the database; changes for none are planned as for SQLite.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.store().map_or(Engine::Sqlite, |store| store.engine())
    }

    /// Returns the version of the table that the view shows.
    #[must_use]
    pub const fn version(&self) -> i64 {
        match self {
            Self::Open { version, .. } => *version,
            Self::Detached | Self::NoTable(_) | Self::Unread(_) => 0,
        }
    }
}

/// What is known of a table that is empty while the local copy is not (reference/ledger 8.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmptyTable {
    /// Nobody said that it shall be empty: its rows may be lost, and members keep theirs until an operator decides.
    Unexplained,
    /// Somebody dropped the table through this node, or said that it counts as it is.
    Accepted,
}
