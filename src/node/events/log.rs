//! The logs by name, and one entry of them.

use jiff::Timestamp;

/// A log that `get … log` shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Log {
    /// Everything that happened.
    Event,
    /// Errors alone.
    Error,
    /// SQL queries.
    Query,
    /// REST calls.
    Streaming,
    /// Files written and delivered.
    File,
}

/// The type column of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogKind {
    /// Something happened.
    Event,
    /// Something failed.
    Error,
    /// Something needs a look.
    Warning,
    /// A query ran.
    Query,
    /// A REST call came.
    Streaming,
    /// A file was written.
    File,
}

impl LogKind {
    /// Returns the word in the type column.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Event => "Event",
            Self::Error => "Error",
            Self::Warning => "Warning",
            Self::Query => "query",
            Self::Streaming => "streaming",
            Self::File => "file",
        }
    }
}

/// One entry of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRecord {
    /// Number of the entry, counted over all logs of the node.
    pub id: u64,
    /// How often the same text came from the same thread in a row.
    pub count: u64,
    /// Who did it.
    pub thread: String,
    /// When it happened last.
    pub time: Timestamp,
    /// Its type.
    pub kind: LogKind,
    /// What happened.
    pub text: String,
}

impl LogRecord {
    /// Tells whether type or text contains one of the words, in any case; without words everything matches.
    #[must_use]
    pub fn matches(&self, words: &[String]) -> bool {
        let text = self.text.to_lowercase();
        let kind = self.kind.as_str().to_lowercase();
        words.is_empty()
            || words.iter().map(|word| word.to_lowercase()).any(|word| text.contains(&word) || kind.contains(&word))
    }
}
