//! What a database answered to a statement that failed, with its code.

use crate::ledger::store::{postgres::sql_state::SqlState, sqlite::result_code::ResultCode};
use sqlx::{error::DatabaseError as _, postgres::PgDatabaseError, sqlite::SqliteError};
use std::{fmt, sync::Arc};

/// The code of a failed statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// What a `PostgreSQL` server says.
    SqlState(SqlState),
    /// What SQLite says.
    Sqlite(ResultCode),
}

/// A failed statement. It keeps the error of the database library as its source.
#[derive(Clone, Debug)]
pub struct DatabaseError {
    code: Option<ErrorCode>,
    source: Arc<sqlx::Error>,
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
    pub fn cause(&self) -> &sqlx::Error {
        &self.source
    }

    /// Tells whether the connection is what failed, not a statement.
    #[must_use]
    pub fn is_of_connection(&self) -> bool {
        use sqlx::Error as E;
        matches!(*self.source, E::Io(_) | E::Protocol(_) | E::Tls(_) | E::WorkerCrashed | E::PoolClosed)
    }

    /// Returns the message of the database without what the library puts around it.
    #[must_use]
    pub fn message(&self) -> String {
        match self.source.as_database_error() {
            Some(answer) => answer.message().to_owned(),
            None => self.source.to_string(),
        }
    }
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.code {
            // The library adds nothing but words to the message of a server.
            Some(ErrorCode::SqlState(_)) => out.write_str(&self.message()),
            // The numbers of SQLite say more than its messages, and only the library writes them.
            _ => self.source.fmt(out),
        }
    }
}

impl std::error::Error for DatabaseError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.source)
    }
}

impl From<sqlx::Error> for DatabaseError {
    fn from(source: sqlx::Error) -> Self {
        let code = source.as_database_error().and_then(error_code);
        Self { code, source: Arc::new(source) }
    }
}

fn error_code(answer: &dyn sqlx::error::DatabaseError) -> Option<ErrorCode> {
    if let Some(postgres) = answer.try_downcast_ref::<PgDatabaseError>() {
        return Some(ErrorCode::SqlState(SqlState::from(postgres.code())));
    }
    let code = answer.try_downcast_ref::<SqliteError>()?.code()?.parse().ok()?;
    Some(ErrorCode::Sqlite(ResultCode::from_extended(code)))
}
