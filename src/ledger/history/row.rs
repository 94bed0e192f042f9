//! One line of the history.

use crate::ledger::history::action::HistoryAction;

/// A change of a policy: when, by whom, what, before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryRow {
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
    /// Stored text after the change. The lines of all policies together have none: whoever takes changes back needs what was
    /// there before them.
    pub after: Option<String>,
}
