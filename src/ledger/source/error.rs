//! Why the ledger of another node cannot be read.

use crate::ledger::store::outage::Outage;
use std::{io, path::PathBuf, sync::Arc};

/// What a file has to be.
const FORMS: &str = "expected a SQLite file (it begins with 'SQLite format 3'), or the local copy of a node: one policy \
                     {\"type\": {…}} on each line, or a JSON list of them";

/// A source that cannot be read.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SourceError {
    /// The file cannot be read.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// The file is larger than one that is read.
    #[error("{} has more than {limit} bytes of policies, which is more than an import reads: import it in parts", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Bytes that are read.
        limit: u64,
    },
    /// The content is of no known kind.
    #[error("{place} is no ledger: {found}; {FORMS}")]
    Unknown {
        /// The file, or the standard input.
        place: String,
        /// What it looks like.
        found: &'static str,
    },
    /// The list of policies ends early, or is no list.
    #[error("{place} begins as a JSON list, and it is none: {reason}")]
    List {
        /// The file, or the standard input.
        place: String,
        /// What is wrong, with line and column.
        reason: String,
    },
    /// A database without the table.
    #[error("{0} has no table 'ledger': is it the database 'blockchain' of a master?")]
    NoTable(String),
    /// The database cannot be read.
    #[error("{place}: {source}")]
    Database {
        /// File or server, without a password.
        place: String,
        /// What happened.
        source: Outage,
    },
}
