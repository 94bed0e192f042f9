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
    /// The contract lost everything that it had.
    #[error(
        "the contract has no policies any more, and {0} came from there or went there: nothing is dropped here; is it the right contract?"
    )]
    EmptyContract(usize),
}

impl RelayError {
    /// Tells whether nothing can be sent now, although the chain answers: what others changed there is taken in all the same.
    pub(super) const fn is_of_price(&self) -> bool {
        matches!(self, Self::Platform(PlatformError::FeeAboveCap { .. } | PlatformError::BalanceTooLow { .. }))
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
            error @ (RelayError::TurnOver | RelayError::EmptyContract(_)) => {
                Self::with(Code::BLOCKCHAIN_FAILED, error.to_string())
            }
        }
    }
}
