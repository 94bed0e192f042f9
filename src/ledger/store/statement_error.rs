//! Why a statement that somebody wrote gets no rows.

use std::time::Duration;

/// A statement that is refused or fails.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// It is no SELECT.
    #[error("only SELECT is offered: {0}")]
    NotSelect(String),
    /// It is more than one statement.
    #[error("only one statement is offered: {0}")]
    SeveralStatements(String),
    /// It has a part that is not offered.
    #[error("not offered: {0}")]
    NotOffered(String),
    /// It cannot be read.
    #[error("the statement cannot be read: {0}")]
    Unreadable(String),
    /// It takes too long.
    #[error("the statement takes longer than {}; ask for less", written(.0))]
    TooLong(Duration),
    /// Its result has too many bytes.
    #[error(
        "the result has more than {0} bytes, which 'set query mode using max_volume' allows; ask for fewer rows or columns"
    )]
    TooLarge(u64),
    /// A value that it reads or makes is too long.
    #[error("a value has more than {0} bytes; ask for other columns or rows")]
    LargeValue(u32),
    /// Its sorting and grouping takes too much memory.
    #[error("the statement takes more than {0} bytes of memory; sort and group less")]
    TooMuchMemory(u64),
    /// Others wait already.
    #[error("other statements run already; try again")]
    Busy,
    /// Nobody waits for it any more.
    #[error("the statement was given up")]
    GivenUp,
    /// A database in memory has one connection, which the ledger needs.
    #[error("a database in memory takes no sql")]
    InMemory,
    /// There is no login that may do nothing else.
    #[error("sql is not offered: {0}")]
    NoReader(String),
    /// The table is not there, or not offered.
    #[error("no such table: {0}")]
    UnknownTable(String),
    /// The table does not have the column.
    #[error("no such column: {0}")]
    UnknownColumn(String),
    /// It fails for another reason.
    #[error("{0}")]
    Failed(String),
}

/// Writes a time: whole seconds, or milliseconds where there is a part of one.
fn written(time: &Duration) -> String {
    match time.subsec_millis() {
        0 => format!("{} s", time.as_secs()),
        _ => format!("{} ms", time.as_millis()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_their_unit() {
        let told = |time| StatementError::TooLong(time).to_string();
        assert_eq!(told(Duration::from_secs(10)), "the statement takes longer than 10 s; ask for less");
        assert_eq!(told(Duration::from_millis(1500)), "the statement takes longer than 1500 ms; ask for less");
    }
}
