//! Why a database cannot be used at the moment.

use crate::ledger::store::{
    database_error::{DatabaseCause, DatabaseError},
    engine::Engine,
    schema_fault::SchemaFault,
};
use std::{io, path::PathBuf, sync::Arc};

/// A database that does not take what it is asked for; each text says what has to happen, where that is known.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Outage {
    /// It did not answer in time.
    #[error("the database does not answer; writing resumes when it does")]
    Silent,
    /// No connection could be made in time.
    #[error("the database cannot be reached")]
    NoConnection,
    /// As many long questions are asked as may be at a time; the other connections are for what is answered at once.
    #[error(
        "histories and backups are being read already, as many as may be at a time; try again when one of them has ended"
    )]
    ManyQuestions,
    /// No connection could be made.
    #[error("the database cannot be reached: {0}")]
    Unreachable(#[source] DatabaseError),
    /// The connection broke while the database worked, more than once in a row.
    #[error("connection lost: {0}")]
    ConnectionLost(#[source] DatabaseError),
    /// It can be read alone.
    #[error("{}", read_only(*engine))]
    ReadOnly {
        /// Kind of the database.
        engine: Engine,
        /// What it said.
        source: DatabaseError,
    },
    /// The servers that answer can only be read, and may know less than the one that is away.
    #[error("{}", read_only(Engine::Postgres))]
    OnlyRead,
    /// Its disk is full.
    #[error("{}", disk_full(*engine))]
    DiskFull {
        /// Kind of the database.
        engine: Engine,
        /// What it said.
        source: DatabaseError,
    },
    /// Another process holds the file.
    #[error("the ledger file is locked by another process; try again")]
    Locked(#[source] DatabaseError),
    /// Another node holds the file for as long as it runs.
    #[error(
        "another node uses {}: stop it, or set another ANYLOG_PATH; several masters share a PostgreSQL database",
        .0.display()
    )]
    InUse(PathBuf),
    /// Another machine may write the file at the same time.
    #[error(
        "{} lies on {kind}, which several machines use: put the volume on a disk of this machine, or use DB_TYPE=psql",
        path.display()
    )]
    NetworkFile {
        /// The file.
        path: PathBuf,
        /// Kind of the file system.
        kind: &'static str,
    },
    /// Other masters were faster each time.
    #[error("other masters write all the time; try again")]
    Contended,
    /// It refused changes lately.
    #[error("the database takes no changes; members keep the copy they have")]
    TakesNoChanges,
    /// A question to the history took all the time that it may take.
    #[error("the history is too long to be read in time: name a later moment, or let an administrator cut it")]
    LongHistory,
    /// The rows of the ledger could not be read to the end.
    #[error("the rows of the ledger could not be taken in")]
    LoadInterrupted,
    /// The thread that builds the view ended.
    #[error("the ledger could not be read: {0}")]
    LoadFailed(#[source] Arc<tokio::task::JoinError>),
    /// The tables could not be brought to the form of this version.
    #[error("{0}")]
    Migration(#[source] Arc<sqlx::migrate::MigrateError>),
    /// The tables cannot be those of the ledger.
    #[error("{0}")]
    Schema(#[source] SchemaFault),
    /// The machine has no random numbers.
    #[error("{0}")]
    NoRandomNumbers(#[source] getrandom::Error),
    /// The host of the server has no address.
    #[error("{0}")]
    NoAddress(#[source] Arc<io::Error>),
    /// The server does not answer.
    #[error("{0} does not answer")]
    NoAnswer(String),
    /// The server refuses until somebody changes something there.
    #[error("{server}: {}; {remedy}", source.message())]
    Refused {
        /// Address of the server.
        server: String,
        /// What the server said.
        source: DatabaseError,
        /// What to run.
        remedy: String,
    },
    /// The server has no connection to spare.
    #[error(
        "the database has no connection to spare ({}); the ledger goes on when one is free: raise max_connections, or end what \
         holds them",
        .0.message()
    )]
    NoPlace(#[source] DatabaseError),
    /// Another session holds what a statement needs.
    #[error(
        "the tables of the ledger are held: another master is making them, or somebody else has locked them ({}); it goes on \
         when they are free: look for a master that hangs, and at pg_locks",
        .0.message()
    )]
    TablesHeld(#[source] DatabaseError),
    /// A pooler stands before the server that shares a connection between transactions of several clients.
    #[error(
        "{0} is a pooler that shares connections between transactions (pool_mode = transaction): a master needs one of its own, \
         so set pool_mode = session for its database and user, or connect to the server itself"
    )]
    TransactionPooler(String),
    /// The encoding of the database lacks characters that policies have.
    #[error(
        "{server}: the database {database} keeps texts as {encoding}, which lacks characters that policies have; let an \
         administrator run: ALTER DATABASE {database} RENAME TO \"{encoding}_before\"; CREATE DATABASE {database} OWNER {user} \
         TEMPLATE template0 ENCODING 'UTF8'"
    )]
    Encoding {
        /// Address of the server.
        server: String,
        /// Name of the database, in quotes.
        database: String,
        /// Who connects, in quotes.
        user: String,
        /// The encoding.
        encoding: String,
    },
    /// The server refuses.
    #[error("{server}: {}", said(source))]
    Server {
        /// Address of the server.
        server: String,
        /// What the server said.
        source: DatabaseError,
    },
    /// A file or directory of the database cannot be used.
    #[error("{}: {source}", path.display())]
    Path {
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        source: Arc<io::Error>,
    },
    /// A database file cannot be opened.
    #[error("cannot open {place}: {source}")]
    CannotOpen {
        /// The file, or `memory`.
        place: String,
        /// What the database says.
        source: DatabaseError,
    },
    /// A connected database failed.
    #[error("{database}: {source}")]
    Named {
        /// Its logical name, or where it is.
        database: String,
        /// What it said.
        source: DatabaseError,
    },
    /// Any other failure.
    #[error("{0}")]
    Failed(#[source] DatabaseError),
}

impl Outage {
    /// Tells whether a server said so itself, which tells more than that one did not answer.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        match self {
            Self::Server { source, .. } => source.sql_state().is_some(),
            other => other.is_lasting() || matches!(other, Self::NoPlace(_)),
        }
    }

    /// Tells whether somebody has to change something before another try may succeed.
    #[must_use]
    pub const fn is_lasting(&self) -> bool {
        matches!(
            self,
            Self::Refused { .. }
                | Self::TransactionPooler(_)
                | Self::Encoding { .. }
                | Self::Migration(_)
                | Self::Schema(_)
        )
    }
}

const fn read_only(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "the ledger file is read-only; check its owner and rights",
        Engine::Postgres => "the database is read-only; writing resumes when it accepts writes",
    }
}

/// What a server said; what another program says is no text for people.
fn said(source: &DatabaseError) -> String {
    match source.cause() {
        DatabaseCause::Server(sqlx::Error::Protocol(_)) => {
            "what answers there does not speak as PostgreSQL does; correct DB_IP and DB_PORT".to_owned()
        }
        _ => source.message(),
    }
}

const fn disk_full(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "the disk is full; free space, writing resumes by itself",
        Engine::Postgres => "the disk of the database is full; free space, writing resumes by itself",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_program_at_the_port_is_told_as_one() {
        let server =
            |source: sqlx::Error| Outage::Server { server: "h:1".to_owned(), source: source.into() }.to_string();
        let text = server(sqlx::Error::Protocol("unexpected response from SSLRequest: 0x48".into()));
        assert_eq!(text, "h:1: what answers there does not speak as PostgreSQL does; correct DB_IP and DB_PORT");
        assert!(server(sqlx::Error::WorkerCrashed).starts_with("h:1: "));
    }
}
