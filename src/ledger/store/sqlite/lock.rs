//! Claims a database file for this process.

use crate::ledger::store::outage::Outage;
use std::{
    fs::{File, TryLockError},
    path::Path,
    sync::Arc,
};

/// A claim on a database file, held until [`FileLock::release`] or the end of the process.
///
/// Two masters on one file would each believe their own view of it, so a name could be given twice. Several masters share a
/// PostgreSQL database instead.
#[derive(Debug)]
pub struct FileLock {
    /// Absent where the file system has no locks.
    file: Option<File>,
}

impl FileLock {
    /// Claims the file by a lock on a file beside it.
    ///
    /// # Errors
    /// [`Outage::InUse`] when another process has claimed it.
    pub fn acquire(path: &Path) -> Result<Self, Outage> {
        let lock = path.with_extension("lock");
        let file = File::options().create(true).truncate(false).write(true).open(&lock);
        let file = file.map_err(|error| Outage::Path { path: lock.clone(), source: Arc::new(error) })?;
        match file.try_lock() {
            Ok(()) => Ok(Self { file: Some(file) }),
            Err(TryLockError::WouldBlock) => Err(Outage::InUse(path.to_owned())),
            Err(TryLockError::Error(error)) => {
                tracing::warn!(%error, path = %lock.display(), "this file system has no locks: run one node alone on it");
                Ok(Self { file: None })
            }
        }
    }

    /// Gives the claim up.
    ///
    /// # Errors
    /// The reason, when the claim stays until the process ends.
    pub fn release(&self) -> std::io::Result<()> {
        self.file.as_ref().map_or(Ok(()), File::unlock)
    }
}
