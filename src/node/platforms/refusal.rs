//! Why a contract refuses a change.

/// The reasons of the contract (reference/ledger 12.1), and the one that its chain has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// An insert of an id that is there.
    #[error("Policy with policy id already exists")]
    Exists,
    /// An update or delete of an id that is not there.
    #[error("Policy ID does not exist")]
    Missing,
    /// An update by an account that did not insert the policy.
    #[error("Only policy owner can update policy")]
    NotOwner,
    /// Another reason, of another contract.
    #[error("{0}")]
    Other(String),
    /// The chain takes no transaction that is so large: it needs more gas than a block has, or has too many bytes.
    #[error("it is too large for a transaction of the chain")]
    TooLarge,
    /// No reason: the contract is another one, or the gas was used up.
    #[error("the contract gives no reason; it may be another contract")]
    Silent,
}

impl Refusal {
    /// Takes the reason that the contract gives.
    #[must_use]
    pub fn from_reason(reason: &str) -> Self {
        let known = [Self::Exists, Self::Missing, Self::NotOwner];
        match reason.trim() {
            "" => Self::Silent,
            reason => known
                .into_iter()
                .find(|refusal| refusal.to_string() == reason)
                .unwrap_or_else(|| Self::Other(reason.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_of_the_contract_are_known() {
        assert_eq!(Refusal::from_reason("Policy ID does not exist"), Refusal::Missing);
        assert_eq!(Refusal::from_reason("paused"), Refusal::Other("paused".to_owned()));
        assert_eq!(Refusal::from_reason(""), Refusal::Silent);
    }
}
