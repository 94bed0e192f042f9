//! What a query answers.

use serde_json::Value;

/// The result of a query or of `bring`.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Objects as a list; the empty list is the answer of every query that finds nothing.
    Policies(Vec<Value>),
    /// A text as it is.
    Text(String),
    /// JSON objects that `bring.json` collected: one line without blanks between the entries (reference/ledger 7.5).
    Objects(Vec<Value>),
    /// How many there are, as `bring.json.count` says it: `[{"count" : 2 }]`.
    Count(usize),
    /// Titles and rows (reference/ledger 7.6).
    Table {
        /// One title per column.
        titles: Vec<String>,
        /// One value per column.
        rows: Vec<Vec<Value>>,
    },
}

impl Output {
    /// Tells whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Policies(list) if list.is_empty())
    }

    /// Returns the answer that stands for nothing.
    pub(super) const fn nothing() -> Self {
        Self::Policies(Vec::new())
    }
}
