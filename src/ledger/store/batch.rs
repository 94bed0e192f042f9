//! The changes of one transaction.

use crate::ledger::{history::action::HistoryAction, outbox::row::OutboxEntry};
use std::sync::Arc;

/// Changes that a store writes in one transaction. No id stands in it twice.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Version of the table that the changes were validated against.
    pub version: i64,
    /// UTC time of the changes, in the form of policy dates.
    pub time: String,
    /// The changes, in order. Each is written to the ledger table and is one line of the history.
    pub changes: Vec<RowChange>,
    /// What of them, and what nobody sees yet, goes to a contract platform. All of it goes to the same one.
    pub outbox: Vec<OutboxEntry>,
}

/// A change of one row, with what the history says of it.
#[derive(Clone, Debug)]
pub struct RowChange {
    /// Who asked for the change.
    pub who: String,
    /// `policy_type`.
    pub kind: Arc<str>,
    /// `policy_id`.
    pub id: Arc<str>,
    /// What becomes of the row.
    pub edit: RowEdit,
}

/// What becomes of a row.
#[derive(Clone, Debug)]
pub enum RowEdit {
    /// The row is added.
    Insert(RowValues),
    /// The row gets other values and keeps its number.
    Replace {
        /// The values; where there is no company, date or status, that of the row stays.
        values: RowValues,
        /// Stored text before the change.
        before: Arc<str>,
    },
    /// The row is deleted.
    Drop {
        /// Stored text before the change.
        before: Arc<str>,
    },
}

/// The values that a policy gives to the other columns of its row (reference/ledger 4.3).
#[derive(Clone, Debug)]
pub struct RowValues {
    /// `company_name`.
    pub company: Option<String>,
    /// `date`.
    pub date: String,
    /// `host`.
    pub host: Arc<str>,
    /// `status`.
    pub status: Option<String>,
    /// `policy`.
    pub text: Arc<str>,
}

impl Batch {
    /// Returns the change and its values when the batch does nothing but add one row to the ledger.
    #[must_use]
    pub fn single_insert(&self) -> Option<(&RowChange, &RowValues)> {
        match self.changes.as_slice() {
            _ if !self.outbox.is_empty() => None,
            [change] => match &change.edit {
                RowEdit::Insert(values) => Some((change, values)),
                RowEdit::Replace { .. } | RowEdit::Drop { .. } => None,
            },
            _ => None,
        }
    }

    /// Tells whether the batch does nothing but add rows to the ledger.
    #[must_use]
    pub fn only_inserts(&self) -> bool {
        let is_insert = |change: &RowChange| matches!(change.edit, RowEdit::Insert(_));
        self.outbox.is_empty() && self.changes.iter().all(is_insert)
    }
}

impl RowChange {
    /// Returns what the history calls the change.
    #[must_use]
    pub const fn action(&self) -> HistoryAction {
        match self.edit {
            RowEdit::Insert(_) => HistoryAction::Insert,
            RowEdit::Replace { .. } => HistoryAction::Replace,
            RowEdit::Drop { .. } => HistoryAction::Drop,
        }
    }

    /// Returns the values that the row has afterwards; a deleted row has none.
    #[must_use]
    pub const fn values(&self) -> Option<&RowValues> {
        match &self.edit {
            RowEdit::Insert(values) | RowEdit::Replace { values, .. } => Some(values),
            RowEdit::Drop { .. } => None,
        }
    }

    /// Returns the stored text before the change; an added row has none.
    #[must_use]
    pub fn before(&self) -> Option<&str> {
        match &self.edit {
            RowEdit::Insert(_) => None,
            RowEdit::Replace { before, .. } | RowEdit::Drop { before } => Some(before),
        }
    }

    /// Returns the stored text before the change, shared; an added row has none.
    #[must_use]
    pub fn before_text(&self) -> Option<Arc<str>> {
        match &self.edit {
            RowEdit::Insert(_) => None,
            RowEdit::Replace { before, .. } | RowEdit::Drop { before } => Some(Arc::clone(before)),
        }
    }

    /// Returns the text that the history keeps beside the row. It keeps none for an added row: the table has the text, and
    /// later the line of the next change has it as the text before.
    #[must_use]
    pub fn after(&self) -> Option<&str> {
        match &self.edit {
            RowEdit::Replace { values, .. } => Some(&values.text),
            RowEdit::Insert(_) | RowEdit::Drop { .. } => None,
        }
    }
}

/// Where the database put a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedRow {
    /// `policy_id`.
    pub id: String,
    /// `sequence_id`.
    pub sequence: i64,
    /// `date`, as text that sorts like the column.
    pub date: String,
}

/// A committed transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// The rows that were added or replaced.
    pub placed: Vec<PlacedRow>,
    /// Version of the table after it.
    pub version: i64,
}
