//! What a database answered to a statement that failed, with its code.

use crate::ledger::store::{postgres::sql_state::SqlState, sqlite::result_code::ResultCode};
use sqlx::postgres::PgDatabaseError;
use std::{fmt, io, sync::Arc};

/// The code of a failed statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// What a `PostgreSQL` server says.
    SqlState(SqlState),
    /// What SQLite says.
    Sqlite(ResultCode),
}

/// Why a statement failed.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseCause {
    /// The client of a server says so.
    #[error(transparent)]
    Server(#[from] sqlx::Error),
    /// SQLite says so.
    #[error("{}", told(.0))]
    File(#[from] rusqlite::Error),
    /// The file is closed.
    #[error("the file is closed")]
    Closed,
    /// There is no thread for the file.
    #[error("no thread can be started: {0}")]
    NoThread(#[source] io::Error),
}

/// A failed statement. It keeps the error of the database library as its source.
#[derive(Clone, Debug)]
pub struct DatabaseError {
    code: Option<ErrorCode>,
    cause: Arc<DatabaseCause>,
}

impl DatabaseError {
    /// Returns the code; absent when the database gave no answer.
    #[must_use]
    pub const fn code(&self) -> Option<&ErrorCode> {
        self.code.as_ref()
    }

    /// Returns the code of a `PostgreSQL` server, if the error has one.
    #[must_use]
    pub const fn sql_state(&self) -> Option<&SqlState> {
        match &self.code {
            Some(ErrorCode::SqlState(state)) => Some(state),
            _ => None,
        }
    }

    /// Returns the error of the database library.
    #[must_use]
    pub fn cause(&self) -> &DatabaseCause {
        &self.cause
    }

    /// Tells whether the connection is what failed, not a statement.
    #[must_use]
    pub fn is_of_connection(&self) -> bool {
        use sqlx::Error as E;
        matches!(
            *self.cause,
            DatabaseCause::Server(E::Io(_) | E::Protocol(_) | E::Tls(_) | E::WorkerCrashed | E::PoolClosed)
                | DatabaseCause::Closed
        )
    }

    /// Returns the message of the database without what the library puts around it.
    #[must_use]
    pub fn message(&self) -> String {
        match &*self.cause {
            DatabaseCause::Server(error) => {
                error.as_database_error().map_or_else(|| error.to_string(), |answer| answer.message().to_owned())
            }
            DatabaseCause::File(rusqlite::Error::SqliteFailure(_, Some(message))) => message.clone(),
            other => other.to_string(),
        }
    }
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.code {
            // The library adds nothing but words to the message of a server.
            Some(ErrorCode::SqlState(_)) => out.write_str(&self.message()),
            // The numbers of SQLite say more than its messages.
            _ => self.cause.fmt(out),
        }
    }
}

impl std::error::Error for DatabaseError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.cause)
    }
}

impl From<DatabaseCause> for DatabaseError {
    fn from(cause: DatabaseCause) -> Self {
        let code = match &cause {
            DatabaseCause::Server(error) => sql_state(error).map(ErrorCode::SqlState),
            DatabaseCause::File(error) => error.sqlite_error().map(|error| ErrorCode::Sqlite(result_code(*error))),
            DatabaseCause::Closed | DatabaseCause::NoThread(_) => None,
        };
        Self { code, cause: Arc::new(cause) }
    }
}

impl From<sqlx::Error> for DatabaseError {
    fn from(error: sqlx::Error) -> Self {
        DatabaseCause::from(error).into()
    }
}

impl From<rusqlite::Error> for DatabaseError {
    fn from(error: rusqlite::Error) -> Self {
        DatabaseCause::from(error).into()
    }
}

fn sql_state(error: &sqlx::Error) -> Option<SqlState> {
    let answer = error.as_database_error()?.try_downcast_ref::<PgDatabaseError>()?;
    Some(SqlState::from(answer.code()))
}

fn result_code(error: rusqlite::ffi::Error) -> ResultCode {
    ResultCode::from_extended(error.extended_code.unsigned_abs())
}

/// Tells what SQLite says with its number.
fn told(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(failure, Some(message)) => {
            format!("error returned from database: (code: {}) {message}", failure.extended_code)
        }
        other => other.to_string(),
    }
}
