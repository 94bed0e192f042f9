//! A change that was made, with everything that brings back what was there before.

use crate::ledger::history::action::HistoryAction;

/// Which of the changes that were made are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HistorySelection {
    /// The last ones, so many.
    Last(usize),
    /// Those from a UTC time on, in the form of policy dates.
    Since(String),
    /// Those from the first one on that somebody made.
    SinceFirstBy(String),
}

/// A change that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastChange {
    /// UTC time of the change, in the form of policy dates.
    pub time: String,
    /// Who asked for it.
    pub who: String,
    /// What happened.
    pub action: HistoryAction,
    /// Policy type.
    pub kind: String,
    /// Policy id.
    pub id: String,
    /// Stored text before the change.
    pub before: Option<String>,
    /// The host that the row had before; unknown of rows that were changed by an earlier version of this program.
    pub host: Option<String>,
    /// The date that the row had before.
    pub date: Option<String>,
}
