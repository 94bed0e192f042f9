//! What the writer knows of the local copy.

use crate::ledger::{error::Error, file::local_file::LocalFile};
use std::collections::HashMap;

/// The local copy, as the writer knows it.
#[derive(Default)]
pub struct CopyState {
    /// The file, once one is open.
    pub file: Option<LocalFile>,
    /// True once this file was read: what it has is in the view.
    pub was_read: bool,
    /// True while the file cannot be read beside the table: what only it has is shown as it was known before.
    pub is_unread: bool,
    /// Whom the copy follows.
    pub source: CopySource,
    /// Ids of deleted policies of which the source has not been told yet.
    pub untold_deletions: Vec<String>,
    /// Ids of policies of this node that the source was sent and that its text has not had since, with the number of
    /// rounds in which they were sent, without those to which the source gave no answer although it answers. Their lines
    /// read as global, so nothing else tells them from those of the source, and they are kept beside the file.
    pub untold_policies: HashMap<String, u32>,
}

/// Whom the local copy follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CopySource {
    /// The table of this node.
    #[default]
    ThisNode,
    /// Another master: the lines of the copy count although the table of this node does not have them.
    OtherMaster,
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
