//! Why a store did not do what it was asked, sorted by what the writer has to do about it.

use crate::ledger::store::{database_error::DatabaseError, outage::Outage};
use tokio::sync::mpsc;

/// A failed operation of a store.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// Another master wrote first: the change has to be validated again, against what that master wrote.
    #[error("another master changed the ledger first")]
    Conflict,
    /// The database refuses the data (an unreadable date, a duplicate id).
    #[error("{0}")]
    Refused(#[source] DatabaseError),
    /// The ledger table is not there.
    #[error("the ledger table does not exist; use 'create table ledger where dbms = blockchain'")]
    NoTable,
    /// The connection broke while the database worked; another attempt may succeed.
    #[error("connection lost: {0}")]
    ConnectionLost(#[source] DatabaseError),
    /// The database cannot be used at the moment.
    #[error(transparent)]
    Unavailable(#[from] Outage),
}

impl<T> From<mpsc::error::SendError<T>> for StoreError {
    fn from(_: mpsc::error::SendError<T>) -> Self {
        Outage::LoadInterrupted.into()
    }
}
