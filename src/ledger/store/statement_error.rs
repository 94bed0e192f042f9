//! Why a statement that somebody wrote gets no rows.

use crate::ledger::store::database_error::DatabaseError;

/// A statement that is refused or fails.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StatementError {
    /// It is no SELECT.
    #[error("only SELECT is offered: {0}")]
    NotSelect(String),
    /// It is more than one statement.
    #[error("only one statement is offered: {0}")]
    SeveralStatements(String),
    /// It calls a function of the server that reaches beyond the data.
    #[error("functions of the server are not offered: {0}")]
    ServerFunction(String),
    /// It takes too long.
    #[error("the statement takes longer than {0} s; ask for less")]
    TooLong(u64),
    /// A database in memory has one connection, which the ledger needs.
    #[error("a database in memory takes no sql")]
    InMemory,
    /// The database does not have the table.
    #[error("{}", source.message())]
    UnknownTable {
        /// Name of the table.
        name: String,
        /// What the database says.
        source: DatabaseError,
    },
    /// The table does not have the column.
    #[error("{}", source.message())]
    UnknownColumn {
        /// Name of the column.
        name: String,
        /// What the database says.
        source: DatabaseError,
    },
    /// It fails for another reason.
    #[error("{}", .0.message())]
    Failed(#[source] DatabaseError),
}
