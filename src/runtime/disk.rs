//! Space of the file system that holds a path.

use std::{io, path::Path};

/// Bytes of one file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// Bytes in all.
    pub total: u64,
    /// Bytes in use.
    pub used: u64,
    /// Bytes that everybody may use.
    pub free: u64,
}

impl Space {
    /// Asks the file system that holds a path; one on a network may take long to answer.
    ///
    /// # Errors
    /// The path does not exist or is not reachable.
    pub fn read(path: &Path) -> io::Result<Self> {
        let figures = rustix::fs::statvfs(path)?;
        let bytes = |blocks: u64| blocks.saturating_mul(figures.f_frsize);
        let used = figures.f_blocks.saturating_sub(figures.f_bfree);
        Ok(Self { total: bytes(figures.f_blocks), used: bytes(used), free: bytes(figures.f_bavail) })
    }
}
