//! Why a backup was not written, read or compared.

use crate::{
    backup::format::WrongBackupLine,
    ledger,
    reply::{Code, Error},
};
use std::{
    io,
    path::{Path, PathBuf},
};

/// A failed backup: what failed, where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file cannot be used.
    #[error("{}: {source}", .path.display())]
    File {
        /// Its path.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// What should be a file is a directory, a pipe or something else.
    #[error("{} is no file but a directory, a device or a pipe: name a file", .0.display())]
    NoFile(PathBuf),
    /// A backup is damaged, or a file is none.
    #[error("{place}, {wrong}; nothing was changed")]
    Damaged {
        /// The file.
        place: String,
        /// The line, and what is wrong with it.
        wrong: WrongBackupLine,
    },
    /// What a backup holds does not go into the memory that there is.
    #[error(
        "{place} has {bytes} bytes of rows, and the memory that is free takes {most}: restore it on a machine, or in a container, \
         with more memory; nothing was changed"
    )]
    Memory {
        /// The file.
        place: String,
        /// Bytes of its rows.
        bytes: u64,
        /// Bytes that can be taken.
        most: u64,
    },
    /// The ledger did not do its part.
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
}

impl BackupError {
    /// Says of a file what the system said.
    #[must_use]
    pub fn file(path: &Path, source: io::Error) -> Self {
        Self::File { path: path.to_owned(), source }
    }
}

impl From<BackupError> for Error {
    fn from(error: BackupError) -> Self {
        let code = match error {
            BackupError::Ledger(error) => return error.into(),
            BackupError::File { ref source, .. } if source.kind() == io::ErrorKind::NotFound => Code::NO_FILE,
            BackupError::NoFile(_) => Code::NO_FILE,
            BackupError::File { .. } | BackupError::Memory { .. } => Code::PROCESS_FAILURE,
            BackupError::Damaged { .. } => Code::WRONG_BLOCKCHAIN,
        };
        Self::with(code, error.to_string())
    }
}
