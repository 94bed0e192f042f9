//! Sorts what went wrong at a server into what the writer has to do about it.

use crate::ledger::store::{
    database_error::{DatabaseCause, DatabaseError},
    engine::Engine,
    error::StoreError,
    outage::Outage,
    postgres::sql_state::SqlState,
};

/// Sorts a failure of a statement.
pub fn store_error(failure: DatabaseError) -> StoreError {
    let engine = Engine::Postgres;
    match failure.sql_state() {
        Some(SqlState::UndefinedTable) => StoreError::NoTable,
        Some(SqlState::ReadOnly) => Outage::ReadOnly { engine, source: failure }.into(),
        Some(SqlState::DiskFull) => Outage::DiskFull { engine, source: failure }.into(),
        Some(SqlState::LockTimeout) => Outage::TablesHeld(failure).into(),
        Some(SqlState::TooManyConnections) => Outage::NoPlace(failure).into(),
        Some(SqlState::Serialization) => StoreError::Conflict,
        Some(SqlState::Connection | SqlState::Shutdown) => StoreError::ConnectionLost(failure),
        Some(SqlState::Data | SqlState::Constraint | SqlState::Size | SqlState::UniqueViolation) => {
            StoreError::Refused(failure)
        }
        Some(_) => Outage::Failed(failure).into(),
        None => match failure.cause() {
            DatabaseCause::Server(sqlx::Error::Io(_) | sqlx::Error::Protocol(_)) => StoreError::ConnectionLost(failure),
            _ => Outage::Unreachable(failure).into(),
        },
    }
}
