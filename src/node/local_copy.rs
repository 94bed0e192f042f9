//! The database and the file that the ledger is kept in.

use super::node::Node;
use crate::ledger;

/// Logical name of the database that is the ledger.
pub const LEDGER_DBMS: &str = "blockchain";

impl Node {
    /// Opens `!blockchain_file` as the local copy, if the key is set.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn open_local_file(&self) -> Result<(), ledger::Error> {
        match self.dictionary.get("blockchain_file") {
            Some(path) => self.ledger.open_file(path).await,
            None => Ok(()),
        }
    }
}
