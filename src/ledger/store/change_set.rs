//! What masters committed since a version of the table.

use crate::ledger::store::row::LedgerRow;

/// The difference between a version of the table and the table as it is now, whoever made it.
#[derive(Clone, Debug)]
pub enum ChangeSet {
    /// Nothing changed.
    Unchanged,
    /// Some rows changed.
    Rows {
        /// Each id with its row as it is now; without a row when it was deleted.
        rows: Vec<(String, Option<LedgerRow>)>,
        /// Version of the table as it is now.
        version: i64,
    },
    /// The store cannot tell what changed: all of the table has to be read again.
    Unknown,
}
