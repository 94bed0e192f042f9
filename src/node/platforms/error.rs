//! Why a platform did not do what it was asked.

use super::{
    amount::Amount, chain_address::ChainAddress, fingerprint::Fingerprint, platform_name::PlatformName,
    refusal::Refusal,
};
use crate::reply::{Code, Error, ErrorKind};

/// A failed call of a platform. Each variant says what failed, for which input, and what to do; none tells a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlatformError {
    /// No platform has this name.
    #[error("no platform is called '{0}'; there are ethereum and optimism")]
    NoSuchPlatform(String),
    /// The platform is not connected.
    #[error("the platform '{0}' is not connected; use 'blockchain connect to {0} where provider = URL'")]
    NotConnected(PlatformName),
    /// The platform is connected already.
    #[error("the platform '{0}' is connected already")]
    AlreadyConnected(PlatformName),
    /// The provider does not answer, or answers with a failure of its own.
    #[error("the provider {provider} does not answer: {reason}")]
    Unavailable {
        /// Its URL, masked.
        provider: String,
        /// What happened.
        reason: String,
    },
    /// The provider answers what no chain answers.
    #[error(
        "{method} of the provider is answered with what no chain answers: {what}; is it the URL of a JSON-RPC service?"
    )]
    Malformed {
        /// The call.
        method: &'static str,
        /// What is wrong.
        what: String,
    },
    /// The provider refuses the call.
    #[error("the provider refuses {method}: {message} (error {code})")]
    Rejected {
        /// The call.
        method: &'static str,
        /// The provider's number.
        code: i64,
        /// The provider's text.
        message: String,
    },
    /// The contract refuses the change.
    #[error("the contract refuses {change}: {refusal}")]
    Refused {
        /// What was to be changed.
        change: String,
        /// Why not.
        refusal: Refusal,
    },
    /// The fee of the chain is above the cap.
    #[error("the chain asks for {asked} per unit of gas, CHAIN_MAX_FEE_GWEI allows {cap}; wait, or allow more")]
    FeeAboveCap {
        /// What the chain asks for.
        asked: Amount,
        /// What is allowed.
        cap: Amount,
    },
    /// The account cannot pay.
    #[error("account {account} has {balance}, the transaction may cost {needed}: {} are missing", missing(.balance, .needed))]
    BalanceTooLow {
        /// The account.
        account: ChainAddress,
        /// What it has.
        balance: Amount,
        /// What the transaction may cost at most.
        needed: Amount,
    },
    /// Another transaction of the account has the nonce.
    #[error("another transaction of account {account} has number {nonce}; sign again")]
    NonceTaken {
        /// The account.
        account: ChainAddress,
        /// The number.
        nonce: u64,
    },
    /// The chain asks for more than the transaction offers.
    #[error(
        "the chain asks for more per unit of gas now than transaction {hash} offers; it can be sent later, or signed again"
    )]
    FeeTooLow {
        /// Its hash.
        hash: Fingerprint,
    },
    /// The provider serves another chain.
    #[error(
        "the account signs for chain {wanted}, but the provider serves chain {served}; correct chain_id or the provider"
    )]
    WrongChain {
        /// What `set account info` says.
        wanted: u64,
        /// What the provider says.
        served: u64,
    },
    /// No key is there to sign with.
    #[error(
        "no private key is set for the platform '{0}'; use 'blockchain set account info where platform = {0} and private_key = …'"
    )]
    NoKey(PlatformName),
    /// No account is there to look at.
    #[error(
        "no account is set for the platform '{0}'; use 'blockchain set account info where platform = {0} and public_key = …'"
    )]
    NoAccount(PlatformName),
    /// The contract is not known.
    #[error(
        "no contract is set for the platform '{0}'; use 'blockchain set account info where platform = {0} and contract = …'"
    )]
    NoContract(PlatformName),
    /// The key belongs to another account.
    #[error("the private key belongs to account {of_key}, not to {named}")]
    OtherAccount {
        /// The account of the key.
        of_key: ChainAddress,
        /// The account that was named.
        named: ChainAddress,
    },
    /// The number is no key.
    #[error("the private key is no number that can be one")]
    WrongKey,
    /// The keystore does not open.
    #[error("the keystore does not open: {0}")]
    Keystore(String),
    /// The machine has no random numbers.
    #[error("this machine gives no random numbers for a key: {0}")]
    NoRandomness(String),
    /// Something else is at the address of the contract.
    #[error("no contract for policies is at {0} on this chain; deploy one with 'blockchain deploy contract'")]
    NotTheContract(ChainAddress),
    /// The transaction is not in a block after the time of a command.
    #[error("transaction {hash} is not confirmed after {seconds} seconds; it may still be")]
    Unconfirmed {
        /// Its hash.
        hash: Fingerprint,
        /// How long was waited.
        seconds: u64,
    },
    /// The contract changed while it was read, again and again.
    #[error("the contract changed while its policies were read; try again")]
    Unsteady,
}

impl PlatformError {
    /// Tells whether the same may succeed later without anybody doing something: who waits in a queue stays there.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Unavailable { .. }
                | Self::FeeAboveCap { .. }
                | Self::FeeTooLow { .. }
                | Self::NonceTaken { .. }
                | Self::Unconfirmed { .. }
                | Self::Unsteady
        )
    }
}

fn missing(balance: &Amount, needed: &Amount) -> Amount {
    Amount(needed.0.saturating_sub(balance.0))
}

impl From<PlatformError> for Error {
    fn from(error: PlatformError) -> Self {
        use PlatformError as Platform;
        let code = match &error {
            Platform::NoSuchPlatform(_) | Platform::NotConnected(_) => Code::BLOCKCHAIN_UNKNOWN,
            Platform::AlreadyConnected(_) => Code::ALREADY_ACTIVE,
            _ => Code::BLOCKCHAIN_FAILED,
        };
        let told = Self::with(code, error.to_string());
        let kind = match &error {
            error if error.may_pass() => ErrorKind::Unavailable,
            Platform::Refused { .. } => ErrorKind::Refused,
            _ => told.kind,
        };
        Self { kind, ..told }.caused_by(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_amount_is_told() {
        let error = PlatformError::BalanceTooLow {
            account: ChainAddress([0; 20]),
            balance: Amount::gwei(1),
            needed: Amount::gwei(3),
        };
        assert!(error.to_string().ends_with("2 Gwei are missing"), "{error}");
    }

    #[test]
    fn kinds_tell_who_has_to_act() {
        let away = PlatformError::Unavailable { provider: "http://x".to_owned(), reason: "closed".to_owned() };
        assert_eq!(Error::from(away).kind, ErrorKind::Unavailable);
        let refused = PlatformError::Refused { change: "the insert".to_owned(), refusal: Refusal::Exists };
        assert_eq!(
            (Error::from(refused.clone()).code, Error::from(refused).kind),
            (Code::BLOCKCHAIN_FAILED, ErrorKind::Refused)
        );
    }
}
