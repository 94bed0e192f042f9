//! The kinds of change that the history knows.

use std::str::FromStr;

/// What happened to a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryAction {
    /// The policy was added.
    Insert,
    /// The policy got a new text.
    Replace,
    /// The policy was deleted.
    Drop,
    /// The policy was deleted together with the whole table.
    Clear,
}

impl HistoryAction {
    /// Every action.
    const ALL: [Self; 4] = [Self::Insert, Self::Replace, Self::Drop, Self::Clear];

    /// Returns the word that the history table has for the action.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Replace => "replace",
            Self::Drop => "drop",
            Self::Clear => "clear",
        }
    }
}

/// A word of the history table that names no action.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the history has the unknown word '{0}'")]
pub struct UnknownAction(String);

impl FromStr for HistoryAction {
    type Err = UnknownAction;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|action| action.as_str() == word);
        known.ok_or_else(|| UnknownAction(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_read_as_it_is_written() {
        for action in HistoryAction::ALL {
            assert_eq!(action.as_str().parse(), Ok(action));
        }
        assert_eq!("outside".parse::<HistoryAction>(), Err(UnknownAction("outside".to_owned())));
    }
}
