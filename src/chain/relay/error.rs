//! Why a round of the relay did not end.

use crate::{
    ledger,
    node::platforms::PlatformError,
    reply::{Code, Error},
};

/// A round that did not end. The outbox keeps what it had.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum RelayError {
    /// The platform did not do what it was asked.
    #[error(transparent)]
    Platform(#[from] PlatformError),
    /// The database of the ledger did not.
    #[error("the outbox: {0}")]
    Ledger(#[from] ledger::Error),
    /// Another master sends now.
    #[error("another master sends now")]
    TurnOver,
    /// The contract has nothing and made too few changes for one that had something.
    #[error(
        "the contract has no policies any more, and {0} came from there or went there: nothing is dropped here and nothing is sent; is it the right contract?"
    )]
    EmptyContract(usize),
    /// The contract is younger than what is known of it, or was when that was noted.
    #[error(
        "the contract lacks {0} policies that came from there or went there, and was found to have made too few changes for that: its chain began anew, or it is another chain; nothing is dropped here and nothing is sent; another contract gets everything"
    )]
    BegunAnew(usize),
    /// Others deleted everything that the contract had.
    #[error(
        "others deleted all policies of the contract, and {0} of them came from there or went there: nothing is dropped here until it has a policy again; what members change is sent"
    )]
    Emptied(usize),
    /// The provider does not take what belongs to one policy, or the ledger has no room for it; the others go on.
    #[error("policy '{id}': {reason}")]
    OfPolicy {
        /// Id of the policy.
        id: String,
        /// What provider or ledger say.
        reason: String,
    },
}

impl RelayError {
    /// Tells whether nothing can be sent now, although the chain answers: what others changed there is taken in all the same.
    pub(super) const fn is_of_price(&self) -> bool {
        matches!(self, Self::Platform(PlatformError::FeeAboveCap { .. } | PlatformError::BalanceTooLow { .. }))
    }

    /// Tells whether the contract is not the one that had what is known: nothing may be sent to it.
    pub(super) const fn is_of_contract(&self) -> bool {
        matches!(self, Self::EmptyContract(_) | Self::BegunAnew(_))
    }

    /// Tells whether the round ends with it. What is wrong with one policy, with one question, or with what sending costs does not
    /// keep the rest of the round, and neither does what others may do with their contract.
    pub(super) const fn ends_round(&self) -> bool {
        match self {
            Self::OfPolicy { .. } | Self::Emptied(_) => false,
            Self::Platform(PlatformError::Rejected { .. } | PlatformError::Unsteady) => false,
            _ => !self.is_of_price(),
        }
    }

    /// Tells whether the provider does not answer.
    pub(super) const fn is_away(&self) -> bool {
        matches!(self, Self::Platform(PlatformError::Unavailable { .. }))
    }
}

impl From<RelayError> for Error {
    fn from(error: RelayError) -> Self {
        match error {
            RelayError::Platform(error) => error.into(),
            RelayError::Ledger(error) => error.into(),
            error => Self::with(Code::BLOCKCHAIN_FAILED, error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::platforms::Amount;

    #[test]
    fn what_is_wrong_with_one_policy_or_with_the_price_does_not_end_a_round() {
        let rejected = PlatformError::Rejected { method: "eth_call", code: -32000, message: "no".to_owned() };
        let dear = PlatformError::FeeAboveCap { asked: Amount::gwei(2), cap: Amount::gwei(1) };
        let of_policy = RelayError::OfPolicy { id: "a".to_owned(), reason: rejected.to_string() };
        assert!(!of_policy.ends_round() && of_policy.to_string().starts_with("policy 'a': "));
        assert!(!RelayError::from(rejected).ends_round() && !RelayError::from(dear).ends_round());
        assert!(!RelayError::Emptied(2).ends_round() && !RelayError::Emptied(2).is_of_contract());
        let away = PlatformError::Unavailable { provider: "http://x".to_owned(), reason: "closed".to_owned() };
        for error in [RelayError::from(away), RelayError::TurnOver, RelayError::EmptyContract(2)] {
            assert!(error.ends_round(), "{error}");
        }
    }
}
