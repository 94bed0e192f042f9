//! Whether a contract can be the one that had what is known.

use super::error::RelayError;

/// What a contract has and did, beside what it is known to have had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ContractCounts {
    /// Entries that it has.
    pub(super) entries: usize,
    /// Inserts, updates and deletes that it ever made.
    pub(super) changes: u64,
    /// Policies that it is known to have had, and that none of our changes which may not be made yet is about.
    pub(super) known: usize,
    /// Those of them that it has no more.
    pub(super) gone: usize,
}

impl ContractCounts {
    /// Refuses a contract that lost everything, and one that cannot have had what is known: a policy takes one change to come and
    /// one to go, so that a contract with fewer changes began anew. What such a contract lacks was dropped by nobody. One policy
    /// alone that is gone may have been lost with its block.
    ///
    /// # Errors
    /// [`RelayError::EmptyContract`], [`RelayError::BegunAnew`].
    pub(super) fn check(self) -> Result<(), RelayError> {
        let Self { entries, changes, known, gone } = self;
        if gone < 2 {
            return Ok(());
        }
        if entries == 0 {
            return Err(RelayError::EmptyContract(gone));
        }
        if changes < known as u64 + gone as u64 {
            return Err(RelayError::BegunAnew { changes, known, gone });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contract_that_made_too_few_changes_is_another_one() {
        let counts = |entries, changes, known, gone| ContractCounts { entries, changes, known, gone }.check();
        assert!(counts(3, 3, 3, 0).is_ok(), "nothing is gone");
        assert!(counts(1, 5, 3, 2).is_ok(), "three came and two went");
        assert!(counts(0, 1, 1, 1).is_ok(), "one policy alone");
        assert!(matches!(counts(0, 6, 3, 3), Err(RelayError::EmptyContract(3))));
        let begun = counts(1, 1, 4, 3);
        assert!(matches!(begun, Err(RelayError::BegunAnew { changes: 1, known: 4, gone: 3 })), "{begun:?}");
    }
}
