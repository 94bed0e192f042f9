//! Changes of the policies that a contract holds.

use std::fmt;

/// One change that a transaction makes; the text is the stored text of the whole policy (reference/ledger 12.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChainChange {
    /// `insert(id, text)`.
    Insert {
        /// Id of the policy.
        id: String,
        /// Its text.
        text: String,
    },
    /// `updatePolicy(id, text)`: only who inserted the policy can.
    Update {
        /// Id of the policy.
        id: String,
        /// Its new text.
        text: String,
    },
    /// `deletePolicy(id)`.
    Delete {
        /// Id of the policy.
        id: String,
    },
}

impl ChainChange {
    /// Returns the id of the policy.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Insert { id, .. } | Self::Update { id, .. } | Self::Delete { id } => id,
        }
    }
}

/// Says what is changed, for the errors of the change.
impl fmt::Display for ChainChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self {
            Self::Insert { .. } => "insert",
            Self::Update { .. } => "update",
            Self::Delete { .. } => "delete",
        };
        write!(f, "the {what} of policy '{}'", self.id())
    }
}
