//! The result codes of SQLite.

/// The primary result code of a failed statement, as far as the ledger tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResultCode {
    /// `SQLITE_ERROR`: a mistake in the statement; which one, SQLite says in its message alone.
    Error,
    /// `SQLITE_BUSY` and `SQLITE_LOCKED`: another connection holds the file or the table.
    Locked,
    /// `SQLITE_READONLY`.
    ReadOnly,
    /// `SQLITE_INTERRUPT`: who asked, or the time for it, ended the statement.
    Interrupted,
    /// `SQLITE_FULL`: the disk or the file is full.
    Full,
    /// `SQLITE_TOOBIG`, `SQLITE_CONSTRAINT` and `SQLITE_MISMATCH`: the data cannot be stored.
    Data,
    /// Any other.
    Other(u32),
}

impl ResultCode {
    /// Takes the primary code from an extended one.
    #[must_use]
    pub const fn from_extended(code: u32) -> Self {
        match code & 0xff {
            1 => Self::Error,
            5 | 6 => Self::Locked,
            8 => Self::ReadOnly,
            9 => Self::Interrupted,
            13 => Self::Full,
            18..=20 => Self::Data,
            other => Self::Other(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ResultCode;

    #[test]
    fn the_primary_code_is_the_last_byte() {
        assert_eq!(ResultCode::from_extended(2067), ResultCode::Data, "SQLITE_CONSTRAINT_UNIQUE");
        assert_eq!(ResultCode::from_extended(10 | 3 << 8), ResultCode::Other(10), "SQLITE_IOERR_WRITE");
    }
}
