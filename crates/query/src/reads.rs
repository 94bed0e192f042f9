//! What a query reads of the policies that it looks at: the rest of their text is passed over.

use std::collections::BTreeSet;

/// What is read of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reads<'q> {
    /// All of it.
    Whole,
    /// Its type and some attributes of its body.
    Attributes(BTreeSet<&'q str>),
}

impl Reads<'_> {
    /// Returns what is read where both are.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Attributes(mut one), Self::Attributes(other)) => {
                one.extend(other);
                Self::Attributes(one)
            }
            _ => Self::Whole,
        }
    }
}

impl Default for Reads<'_> {
    fn default() -> Self {
        Self::Attributes(BTreeSet::new())
    }
}
