//! Which side counts when contract and table differ.
//!
//! What the contract had when both were the same is remembered, so that it is known which of them changed since.

/// What a policy is on both sides: the hash of its text, nothing where it is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PolicySides<'a> {
    /// In the contract.
    pub(super) contract: Option<&'a str>,
    /// In the table.
    pub(super) table: Option<&'a str>,
    /// In the contract, when it was looked at last.
    pub(super) known: Option<&'a str>,
    /// True when the text of the table has a later date than that of the contract.
    pub(super) table_is_later: bool,
}

/// What has to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MergeDecision {
    /// Nothing.
    Nothing,
    /// Remember what the contract has.
    Know,
    /// Forget that the contract had it.
    Forget,
    /// The table takes what the contract has.
    TakeIn,
    /// The table drops it.
    DropHere,
    /// The contract gets it.
    RelayInsert,
    /// The contract gets the text of the table.
    RelayReplace,
    /// The contract drops it.
    RelayDrop,
}

impl PolicySides<'_> {
    /// Decides what has to be done. Whoever changed since both were the same counts; when both did, the contract does, unless
    /// nothing is known and the text of the table is later.
    pub(super) fn decide(self) -> MergeDecision {
        use MergeDecision::{DropHere, Forget, Know, Nothing, RelayDrop, RelayInsert, RelayReplace, TakeIn};
        let Self { contract, table, known, table_is_later } = self;
        match (contract, table) {
            (None, None) if known.is_some() => Forget,
            (None, None) => Nothing,
            (Some(contract), Some(table)) if contract == table => {
                if known == Some(contract) {
                    Nothing
                } else {
                    Know
                }
            }
            (Some(contract), Some(_)) if known == Some(contract) => RelayReplace,
            (Some(_), Some(_)) if known.is_none() && table_is_later => RelayReplace,
            (Some(_), Some(_)) => TakeIn,
            (Some(contract), None) if known == Some(contract) => RelayDrop,
            (Some(_), None) => TakeIn,
            (None, Some(_)) if known.is_some() => DropHere,
            (None, Some(_)) => RelayInsert,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MergeDecision::*, *};

    #[test]
    fn who_changed_since_both_were_the_same_counts() {
        for (contract, table, known, expected) in [
            (Some("a"), Some("a"), Some("a"), Nothing),
            (Some("a"), Some("a"), None, Know),
            (Some("a"), Some("a"), Some("b"), Know),
            (Some("b"), Some("a"), Some("a"), TakeIn),
            (Some("a"), Some("b"), Some("a"), RelayReplace),
            (Some("b"), Some("c"), Some("a"), TakeIn),
            (Some("a"), None, Some("a"), RelayDrop),
            (Some("b"), None, Some("a"), TakeIn),
            (Some("a"), None, None, TakeIn),
            (None, Some("a"), Some("a"), DropHere),
            (None, Some("a"), None, RelayInsert),
            (None, None, Some("a"), Forget),
        ] {
            let sides = PolicySides { contract, table, known, table_is_later: false };
            assert_eq!(sides.decide(), expected, "{sides:?}");
        }
        let sides = PolicySides { contract: Some("a"), table: Some("b"), known: None, table_is_later: true };
        assert_eq!(sides.decide(), RelayReplace);
    }
}
