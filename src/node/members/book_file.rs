//! Which file the book was read from: one that was not read is never written over.

use std::path::{Path, PathBuf};

/// What this run of the node knows of the file of the book. Whoever reads or writes the file has this alone meanwhile.
#[derive(Debug, Default)]
pub(super) struct BookFile {
    /// The file that the book has everything of.
    read: Option<PathBuf>,
    /// True when it was told that a file cannot be read.
    is_told: bool,
}

impl BookFile {
    /// Tells whether the book has everything of a file. A node that learns late where its files are has another one then.
    pub fn is_read(&self, path: &Path) -> bool {
        self.read.as_deref() == Some(path)
    }

    /// Takes note that the book has everything of a file.
    pub fn set_read(&mut self, path: PathBuf) {
        (self.read, self.is_told) = (Some(path), false);
    }

    /// Tells whether it is news that a file cannot be read: it is tried again and again.
    pub fn is_news(&mut self) -> bool {
        !std::mem::replace(&mut self.is_told, true)
    }
}
