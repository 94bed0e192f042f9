//! The rows that a statement selects, counted while they come.

use crate::{ledger::store::statement_error::StatementError, runtime::limits::SQL_ROWS};
use serde_json::{Map, Value};
use std::time::Duration;

/// A row as an object, columns in order.
pub type RowObject = Map<String, Value>;

/// How much one statement may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadLimits {
    /// Bytes of all names and values, each name once per row.
    pub bytes: u64,
    /// Time until its last row.
    pub time: Duration,
}

/// Collects rows up to their limits.
#[derive(Debug)]
pub(super) struct ReadRows {
    limits: ReadLimits,
    bytes: u64,
    rows: Vec<RowObject>,
}

impl ReadRows {
    pub(super) const fn new(limits: ReadLimits) -> Self {
        Self { limits, bytes: 0, rows: Vec::new() }
    }

    /// Adds a row; tells whether there is room for another one.
    ///
    /// # Errors
    /// [`StatementError::TooLarge`] when the rows have more bytes than they may.
    pub(super) fn add(&mut self, row: RowObject) -> Result<bool, StatementError> {
        let value = |value: &Value| match value {
            Value::String(text) => text.len(),
            other => other.to_string().len(),
        };
        let bytes: usize = row.iter().map(|(name, cell)| name.len() + value(cell)).sum();
        self.bytes = self.bytes.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        if self.bytes > self.limits.bytes {
            return Err(self.too_large());
        }
        self.rows.push(row);
        Ok(self.rows.len() < SQL_ROWS)
    }

    /// Returns the error of rows that have too many bytes.
    pub(super) const fn too_large(&self) -> StatementError {
        StatementError::TooLarge(self.limits.bytes)
    }

    pub(super) fn into_rows(self) -> Vec<RowObject> {
        self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rows_end_where_their_limits_are() {
        let row = || json!({"name": "x".repeat(100)}).as_object().cloned().unwrap();
        let limits = ReadLimits { bytes: 250, time: Duration::from_secs(1) };
        let mut rows = ReadRows::new(limits);
        assert!(matches!((rows.add(row()), rows.add(row())), (Ok(true), Ok(true))));
        assert!(matches!(rows.add(row()), Err(StatementError::TooLarge(250))));
        let mut rows = ReadRows::new(ReadLimits { bytes: u64::MAX, ..limits });
        assert_eq!((0..2 * SQL_ROWS).take_while(|_| rows.add(row()).unwrap()).count(), SQL_ROWS - 1);
        assert_eq!(rows.into_rows().len(), SQL_ROWS);
    }
}
