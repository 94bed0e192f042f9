//! A row of the ledger table, as the view needs it.

use tokio::sync::mpsc;

/// Rows that a store hands over together while it reads the whole table.
pub const ROWS_TOGETHER: usize = 1024;

/// Takes the rows of the whole table, some at a time, while the database is still reading.
pub type RowSender = mpsc::Sender<Vec<LedgerRow>>;

/// A committed row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerRow {
    /// `sequence_id`.
    pub sequence: i64,
    /// `policy_id`.
    pub id: String,
    /// `date` as text that sorts like the column.
    pub date: String,
    /// `host`.
    pub host: String,
    /// `policy`.
    pub text: String,
}
