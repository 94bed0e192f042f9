//! The kinds of database.

use std::fmt;

/// Kind of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file of this machine.
    Sqlite,
    /// A server.
    Postgres,
}

impl Engine {
    /// Returns the name that commands use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "psql",
        }
    }

    /// Returns the text that the date column shows for a policy date in its usual form: `PostgreSQL` drops the zone.
    #[must_use]
    pub fn date_column(self, date: &str) -> &str {
        match self {
            Self::Sqlite => date,
            Self::Postgres => date.strip_suffix('Z').unwrap_or(date),
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}
