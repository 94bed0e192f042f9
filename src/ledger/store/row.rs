//! A row of the ledger table, as the view needs it.

use tokio::sync::mpsc;

/// Rows that a store hands over together while it reads the whole table.
pub const ROWS_TOGETHER: usize = 1024;

/// Takes the rows of the whole table, some at a time, while the database is still reading.
pub type RowSender = mpsc::Sender<Vec<LedgerRow>>;

/// A committed row. Whoever wrote it, it can be read: what a column holds that is no text is left out and told.
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
    /// `policy`; empty when it cannot be read, or when the id cannot.
    pub text: String,
    /// Why the row could not be read as it is.
    pub fault: Option<String>,
}

impl LedgerRow {
    /// Makes a row of its number and of what was read of its other columns: each its text, or why there is none.
    #[must_use]
    pub fn from_columns(sequence: i64, [id, date, host, text]: [Result<String, String>; 4]) -> Self {
        let mut fault = None;
        let mut readable = |column: &str, value: Result<String, String>| {
            value.map_err(|reason| fault = Some(format!("its column {column} {reason}"))).ok()
        };
        let (host, date) = (readable("host", host).unwrap_or_default(), readable("date", date).unwrap_or_default());
        let text = readable("policy", text);
        let id = readable("policy_id", id);
        // Without its id a row is not a policy that anybody could ask for.
        let text = id.as_ref().and(text).unwrap_or_default();
        Self { sequence, id: id.unwrap_or_else(|| format!("row {sequence}")), date, host, text, fault }
    }
}

/// Says of a column that it holds nothing.
pub const EMPTY: &str = "is empty";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_without_a_readable_id_is_no_policy() {
        let text = |text: &str| Ok(text.to_owned());
        let row = LedgerRow::from_columns(7, [Err("is broken".to_owned()), text("d"), text("h"), text("{}")]);
        assert_eq!((row.id.as_str(), row.text.as_str()), ("row 7", ""));
        assert_eq!(row.fault.as_deref(), Some("its column policy_id is broken"));
        let row = LedgerRow::from_columns(7, [text("a"), text("d"), Err(EMPTY.to_owned()), text("{}")]);
        assert_eq!((row.id.as_str(), row.text.as_str()), ("a", "{}"));
        assert_eq!(row.fault.as_deref(), Some("its column host is empty"));
    }
}
