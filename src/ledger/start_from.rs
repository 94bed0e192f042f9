//! What counts when the table lacks most of what the local copy has: somebody has to say.

use std::fmt;

/// What counts when the table lacks most of what the local copy has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartFrom {
    /// The local copy: what the table lacks comes back from it.
    Copy,
    /// The table: the local copy becomes what the table has, and is kept beside.
    Table,
}

impl fmt::Display for StartFrom {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Copy => "copy",
            Self::Table => "table",
        })
    }
}

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
