//! The codes with which PostgreSQL says why a statement failed.

/// A SQLSTATE, as far as the ledger tells them apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SqlState {
    /// Class 08: the connection to the server broke.
    Connection,
    /// Class 22: a value cannot be read or stored.
    Data,
    /// `23505`: a value that has to be unique is there already.
    UniqueViolation,
    /// The rest of class 23: a value breaks a constraint.
    Constraint,
    /// `25006`: the transaction is read-only.
    ReadOnly,
    /// `3D000`: the database does not exist.
    UndefinedDatabase,
    /// `40001` and `40P01`: another transaction came first.
    Serialization,
    /// `28000`: the user may not log in, or not from here, or not without TLS.
    NotAllowed,
    /// `28P01`: the password is not the one of the user.
    WrongPassword,
    /// `08P01`: the other side does not know what it was sent, as a pooler does not know a parameter.
    ProtocolViolation,
    /// `3F000`: the schema does not exist, or none is selected.
    NoSchema,
    /// `53300`: the server has no connection to spare.
    TooManyConnections,
    /// `42501`: the user has no right to do it.
    InsufficientPrivilege,
    /// `42703`: a column does not exist.
    UndefinedColumn,
    /// `42P01`: a table does not exist.
    UndefinedTable,
    /// `42P04`: the database exists already.
    DuplicateDatabase,
    /// `53100`: the disk is full.
    DiskFull,
    /// `55P03`: what the statement needs is held by another session for longer than it may wait.
    LockTimeout,
    /// Class 54: a value is larger than the server can keep, for example in an index.
    Size,
    /// `57P01`, `57P02` and `57P03`: the server stops, crashed, or is starting.
    Shutdown,
    /// Any other.
    Other(String),
}

impl From<&str> for SqlState {
    fn from(code: &str) -> Self {
        match code {
            "08000" | "08003" | "08006" => Self::Connection,
            "23505" => Self::UniqueViolation,
            "25006" => Self::ReadOnly,
            "28000" => Self::NotAllowed,
            "28P01" => Self::WrongPassword,
            "08P01" => Self::ProtocolViolation,
            "3F000" => Self::NoSchema,
            "53300" => Self::TooManyConnections,
            "3D000" => Self::UndefinedDatabase,
            "40001" | "40P01" => Self::Serialization,
            "42501" => Self::InsufficientPrivilege,
            "42703" => Self::UndefinedColumn,
            "42P01" => Self::UndefinedTable,
            "42P04" => Self::DuplicateDatabase,
            "53100" => Self::DiskFull,
            "55P03" => Self::LockTimeout,
            "57P01" | "57P02" | "57P03" => Self::Shutdown,
            code if code.starts_with("22") => Self::Data,
            code if code.starts_with("23") => Self::Constraint,
            code if code.starts_with("54") => Self::Size,
            code => Self::Other(code.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SqlState;

    #[test]
    fn a_class_stands_for_the_codes_that_are_not_told_apart() {
        assert_eq!(SqlState::from("22007"), SqlState::Data);
        assert_eq!(SqlState::from("23502"), SqlState::Constraint);
        assert_eq!(SqlState::from("23505"), SqlState::UniqueViolation);
        assert_eq!(SqlState::from("55P03"), SqlState::LockTimeout);
        assert_eq!(SqlState::from("08004"), SqlState::Other("08004".to_owned()));
    }
}
