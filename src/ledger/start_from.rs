//! What counts when the table lacks most of what the local copy has: somebody has to say.

pub use crate::config::StartFrom;

/// What came of the decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartedFrom {
    /// The table has what it lacked.
    Copy {
        /// Policies that came back.
        restored: usize,
        /// Policies that the database refused; the log names each.
        refused: usize,
    },
    /// The table stays as it is.
    Table {
        /// Policies that the local copy had and the table does not have.
        given_up: usize,
        /// Where the local copy is kept as it was.
        kept: String,
    },
}
