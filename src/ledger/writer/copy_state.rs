//! What the writer knows of the local copy.

use crate::ledger::{error::Error, file::local_file::LocalFile};

/// The local copy, as the writer knows it.
pub struct CopyState {
    /// The file, once one is open.
    pub file: Option<LocalFile>,
    /// Whom the copy follows.
    pub source: CopySource,
    /// Ids of deleted policies of which the source has not been told yet.
    pub untold_deletions: Vec<String>,
}

/// Whom the local copy follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopySource {
    /// The table of this node.
    ThisNode,
    /// Another master: the lines of the copy count although the table of this node does not have them.
    OtherMaster,
}

impl Default for CopyState {
    fn default() -> Self {
        Self { file: None, source: CopySource::ThisNode, untold_deletions: Vec::new() }
    }
}

impl CopyState {
    /// Returns the file.
    ///
    /// # Errors
    /// [`Error::NoFile`] when none is open.
    pub fn open_file(&self) -> Result<LocalFile, Error> {
        self.file.clone().ok_or_else(|| Error::NoFile("!blockchain_file (it is not set)".to_owned()))
    }
}
