//! What a query answers.

use anylog_policy::ListedPolicy;
use serde_json::Value;
use std::fmt;

/// The result of a query or of `bring`.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Objects as a list; the empty list is the answer of every query that finds nothing.
    Policies(Vec<ListedPolicy>),
    /// A text as it is.
    Text(String),
    /// Texts that `bring` made, one per result.
    Texts(Texts),
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

/// Texts of several results, and how they are written as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Texts {
    /// The texts in the order of the results.
    pub texts: Vec<String>,
    /// What stands between them.
    pub separator: String,
    /// True for `bring.list`: they stand in brackets.
    pub brackets: bool,
}

impl fmt::Display for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = self.texts.join(&self.separator);
        if self.brackets { write!(f, "[{joined}]") } else { f.write_str(&joined) }
    }
}

impl Output {
    /// Tells whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Policies(list) if list.is_empty())
    }

    /// Returns a list of objects that are read already.
    pub(super) fn of_values(values: Vec<Value>) -> Self {
        Self::Policies(values.into_iter().map(ListedPolicy::from).collect())
    }

    /// Returns the answer that stands for nothing.
    pub(super) const fn nothing() -> Self {
        Self::Policies(Vec::new())
    }
}
