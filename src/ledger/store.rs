//! What the ledger needs of a database.

use async_trait::async_trait;
use std::fmt;
use tokio::sync::mpsc;

/// Rows that a store hands over together while it reads the whole table.
pub(super) const LOADED_ROWS: usize = 1024;

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

    /// Returns the text that a date column shows for the date of a policy in its usual form; `PostgreSQL` drops the zone.
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

/// A committed row, as far as the view needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// `sequence_id`.
    pub sequence: i64,
    /// `policy_id`.
    pub id: String,
    /// `date` as text that sorts like the column.
    pub date: String,
    /// `host`.
    pub host: String,
    /// `policy`.
    pub text: String,
}

/// A row to write (reference/ledger 4.3).
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct NewRow {
    /// `policy_type`.
    pub kind: String,
    /// `policy_id`.
    pub id: String,
    /// `company_name`.
    pub company: Option<String>,
    /// `date`.
    pub date: String,
    /// `host`.
    pub host: String,
    /// `status`.
    pub status: Option<String>,
    /// `policy`.
    pub text: String,
}

/// What happened to a policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Deed {
    /// It came.
    #[default]
    Insert,
    /// Its text changed.
    Replace,
    /// It went.
    Drop,
    /// The whole table went.
    Clear,
}

impl Deed {
    /// Returns the word that the history has for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Replace => "replace",
            Self::Drop => "drop",
            Self::Clear => "clear",
        }
    }

    /// Reads the word of the history.
    pub(super) fn read(word: &str) -> Result<Self, sqlx::Error> {
        let all = [Self::Insert, Self::Replace, Self::Drop, Self::Clear];
        let unknown = || sqlx::Error::Decode(format!("the history has the unknown word '{word}'").into());
        all.into_iter().find(|deed| deed.word() == word).ok_or_else(unknown)
    }
}

/// One line of the history (who, when, what, before, after).
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct HistoryRow {
    /// UTC time of the change.
    pub time: String,
    /// Who asked for it.
    pub who: String,
    /// What happened.
    pub what: Deed,
    /// Policy type.
    pub kind: String,
    /// Policy id.
    pub id: String,
    /// Stored text before the change.
    pub before: Option<String>,
    /// Stored text after the change. An insert to write has none: the row beside it has the text, and whoever reads the
    /// history gets it from there, or from what stood before the next change.
    pub after: Option<String>,
}

/// Changes of one transaction; no id stands in it twice.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Version of the table that the changes were validated against.
    pub version: i64,
    /// Ids to delete.
    pub deletes: Vec<String>,
    /// Rows whose text changes, found by id.
    pub updates: Vec<NewRow>,
    /// Rows to add, in order.
    pub inserts: Vec<NewRow>,
    /// The same changes for the history.
    pub history: Vec<HistoryRow>,
}

impl Batch {
    /// Tells whether it only adds rows, all at one time, each with the line of history that says so.
    pub(super) fn adds(&self) -> bool {
        let time = self.history.first().map(|note| &note.time);
        let noted = |(row, note): (&NewRow, &HistoryRow)| {
            note.what == Deed::Insert && Some(&note.time) == time && note.id == row.id
        };
        self.deletes.is_empty()
            && self.updates.is_empty()
            && self.inserts.len() == self.history.len()
            && self.inserts.iter().zip(&self.history).all(noted)
    }
}

/// Where the database put a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// `policy_id`.
    pub id: String,
    /// `sequence_id`.
    pub sequence: i64,
    /// `date`, as in [`Row`].
    pub date: String,
}

/// A committed transaction.
#[derive(Clone, Debug, Default)]
pub struct Committed {
    /// The rows added or updated.
    pub placed: Vec<Placed>,
    /// Version of the table after it.
    pub version: i64,
}

/// Takes the rows of the whole table, some at a time, while the database still reads.
pub type Rows = mpsc::Sender<Vec<Row>>;

/// What changed since a version, by whoever changed it.
#[derive(Clone, Debug)]
pub enum News {
    /// Nothing.
    None,
    /// These ids; a row that is absent was deleted.
    Changed {
        /// Id and what it is now.
        rows: Vec<(String, Option<Row>)>,
        /// Version that this is.
        version: i64,
    },
    /// More than can be told; read all of it again.
    Everything,
}

/// Why a database did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Another master wrote first: learn the news, validate again.
    #[error("another master changed the ledger first")]
    Moved,
    /// The database refuses the data (an unreadable date, a duplicate id).
    #[error("{0}")]
    Refused(String),
    /// The ledger table is not there.
    #[error("the ledger table does not exist; use 'create table ledger where dbms = blockchain'")]
    NoTable,
    /// The database cannot be reached, is read-only, full or busy.
    #[error("{0}")]
    Unavailable(String),
    /// The connection broke while the database worked; a retry may succeed.
    #[error("connection lost: {0}")]
    Lost(String),
}

impl<T> From<mpsc::error::SendError<T>> for StoreError {
    fn from(_: mpsc::error::SendError<T>) -> Self {
        Self::Unavailable("the rows of the ledger could not be taken in".to_owned())
    }
}

/// Waits for changes that others make.
#[async_trait]
pub trait Changes: Send {
    /// Returns when somebody else may have changed the table; cancel safe.
    async fn next(&mut self);
}

/// The ledger table with its history, in one database.
#[async_trait]
pub trait Store: Send + Sync {
    /// Returns the kind of the database.
    fn engine(&self) -> Engine;
    /// Tells whether the ledger table exists.
    async fn exists(&self) -> Result<bool, StoreError>;
    /// Creates the ledger table and ours beside it, as far as they are not there.
    async fn prepare(&self) -> Result<(), StoreError>;
    /// Reads the whole table and returns its version.
    async fn load(&self, rows: Rows) -> Result<i64, StoreError>;
    /// Returns what changed since a version.
    async fn news(&self, since: i64) -> Result<News, StoreError>;
    /// Writes a batch in one transaction; returns after the commit.
    async fn commit(&self, batch: &Batch) -> Result<Committed, StoreError>;
    /// Commits a change that leaves nothing behind, to learn whether the database takes changes.
    async fn try_writing(&self) -> Result<(), StoreError>;
    /// Returns the changes of one policy, oldest first.
    async fn history(&self, id: &str) -> Result<Vec<HistoryRow>, StoreError>;
    /// Returns all changes after a UTC time, newest first.
    async fn history_since(&self, time: &str) -> Result<Vec<HistoryRow>, StoreError>;
    /// Returns the ids dropped after a UTC time, with the time of the drop.
    async fn drops_since(&self, time: &str) -> Result<Vec<(String, String)>, StoreError>;
    /// Drops the ledger table; the history keeps what it held.
    async fn drop_table(&self, who: &str, time: &str) -> Result<(), StoreError>;
    /// Starts to listen for changes of others.
    async fn changes(&self) -> Box<dyn Changes>;
    /// Closes the connections.
    async fn close(&self);
}
