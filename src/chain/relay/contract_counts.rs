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
    /// All policies that it is known to have had and has not, whatever our changes are about.
    pub(super) lacking: usize,
}

impl ContractCounts {
    /// Refuses a contract that cannot have had what is known: a policy takes one change to come and one to go, so that a contract
    /// with fewer changes began anew. What such a contract lacks was dropped by nobody. Of one that made enough changes and has
    /// nothing any more, others deleted everything: it is the known one, but nothing empties the ledger at one blow. One policy
    /// alone that is gone may have been lost with its block.
    ///
    /// Others change a contract that began anew as well, until it has made changes enough. So one of which that was noted is
    /// refused for as long as it lacks anything.
    ///
    /// # Errors
    /// [`RelayError::EmptyContract`], [`RelayError::BegunAnew`], [`RelayError::Emptied`].
    pub(super) fn check(self, is_noted: bool) -> Result<(), RelayError> {
        let Self { entries, changes, known, gone, lacking } = self;
        let (gone, least) = if is_noted { (lacking, 1) } else { (gone, 2) };
        if gone < least {
            return Ok(());
        }
        let is_younger = is_noted || changes < known as u64 + gone as u64;
        match (entries, is_younger) {
            (0, true) => Err(RelayError::EmptyContract(gone)),
            (0, false) => Err(RelayError::Emptied(gone)),
            (_, true) => Err(RelayError::BegunAnew(gone)),
            (_, false) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(entries: usize, changes: u64, known: usize, gone: usize) -> ContractCounts {
        ContractCounts { entries, changes, known, gone, lacking: gone }
    }

    #[test]
    fn a_contract_that_made_too_few_changes_is_another_one() {
        let check = |entries, changes, known, gone| counts(entries, changes, known, gone).check(false);
        assert!(check(3, 3, 3, 0).is_ok(), "nothing is gone");
        assert!(check(1, 5, 3, 2).is_ok(), "three came and two went");
        assert!(check(0, 1, 1, 1).is_ok(), "one policy alone");
        assert!(matches!(check(0, 5, 3, 3), Err(RelayError::EmptyContract(3))), "three went with two changes");
        assert!(matches!(check(1, 1, 4, 3), Err(RelayError::BegunAnew(3))));
    }

    #[test]
    fn a_contract_that_others_emptied_is_the_same_one() {
        assert!(matches!(counts(0, 4, 2, 2).check(false), Err(RelayError::Emptied(2))));
    }

    #[test]
    fn a_contract_that_began_anew_is_refused_until_it_has_all_that_is_known() {
        let many = counts(40, 100, 3, 2);
        assert!(many.check(false).is_ok());
        assert!(matches!(many.check(true), Err(RelayError::BegunAnew(2))), "however many changes it made since");
        assert!(matches!(counts(0, 100, 3, 3).check(true), Err(RelayError::EmptyContract(3))));
        let changed = ContractCounts { gone: 0, known: 2, lacking: 1, ..many };
        assert!(matches!(changed.check(true), Err(RelayError::BegunAnew(1))), "a change of ours hides nothing");
        assert!(counts(40, 100, 3, 0).check(true).is_ok());
    }
}
