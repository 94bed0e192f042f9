//! What can be wrong with a query.

use super::Exhausted;

/// A query that cannot be answered; each variant has its own result code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The words do not make a query (2).
    #[error("{0}")]
    Structure(String),
    /// A variable in the place of the types that has no value (175).
    #[error("'{0}' has no value; a policy type is expected")]
    NoValue(String),
    /// A key without a value (240).
    #[error("{0}")]
    SearchKey(String),
    /// The condition cannot be read (181).
    #[error("{0}")]
    Condition(String),
    /// It was ended before it had its answer (76, 77).
    #[error(transparent)]
    Exhausted(#[from] Exhausted),
}

impl Error {
    pub(super) fn structure(reason: impl Into<String>) -> Self {
        Self::Structure(reason.into())
    }
}

impl From<anylog_script::Error> for Error {
    fn from(error: anylog_script::Error) -> Self {
        Self::Structure(error.to_string())
    }
}
