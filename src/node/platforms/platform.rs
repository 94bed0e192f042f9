//! The port to a chain.

use super::{
    account::ChainAccount,
    amount::Amount,
    chain_address::ChainAddress,
    chain_change::ChainChange,
    chain_list::{ChainList, Checkout},
    error::PlatformError,
    fingerprint::Fingerprint,
    new_account::NewAccount,
    private_key::PrivateKey,
    provider::Provider,
    transaction::{ChainBlock, SignedTransaction, TransactionOutcome},
};
use async_trait::async_trait;
use secrecy::SecretString;
use std::{sync::Arc, time::Duration};

/// A chain behind a provider. Reads are tried again after a pause when the provider does not answer; what is sent is sent once.
///
/// Every method fails with [`PlatformError::Unavailable`] when the provider does not answer in time, with
/// [`PlatformError::Malformed`] when it answers what no chain answers, and with [`PlatformError::Rejected`] when it refuses
/// for a reason that none of the other errors names. The errors below come beside these.
#[async_trait]
pub trait Platform: Send + Sync {
    /// Asks whether the provider is there and returns the name and version of its program.
    async fn client_version(&self) -> Result<String, PlatformError>;

    /// Returns the chain's own id.
    async fn chain_id(&self) -> Result<u64, PlatformError>;

    /// Returns the newest block.
    async fn head(&self) -> Result<ChainBlock, PlatformError>;

    /// Returns what an account has.
    async fn balance(&self, account: ChainAddress) -> Result<Amount, PlatformError>;

    /// Returns the number of transactions of an account that are in blocks: the nonces below it are used.
    async fn nonce_of(&self, account: ChainAddress) -> Result<u64, PlatformError>;

    /// Returns the number of changes that a contract made: `blockchain state`. One call.
    ///
    /// # Errors
    /// [`PlatformError::NotTheContract`] when another contract or none is at the address.
    async fn transaction_count(&self, contract: ChainAddress) -> Result<u64, PlatformError>;

    /// Reads the contract's list, or finds with one call that it is still the known one. Of a contract that took only inserts
    /// since, no more than these are read.
    ///
    /// # Errors
    /// [`PlatformError::NotTheContract`] when another contract or none is at the address.
    async fn checkout(&self, contract: ChainAddress, known: Option<&ChainList>) -> Result<Checkout, PlatformError>;

    /// Returns the text that a contract holds under an id; of a contract of another node the whole list is read for it.
    ///
    /// # Errors
    /// [`PlatformError::NotTheContract`] when another contract or none is at the address.
    async fn find(&self, contract: ChainAddress, id: &str) -> Result<Option<String>, PlatformError>;

    /// Signs the transaction of a change with the account's next nonce, a fee below the cap, and the gas that the chain
    /// estimates. Nothing is sent: until [`Platform::send`] no other transaction of the account may be signed, which
    /// [`super::SendingTurn`] sees to.
    ///
    /// # Errors
    /// [`PlatformError::Refused`] when the contract would refuse it or it is too large, [`PlatformError::FeeAboveCap`],
    /// [`PlatformError::BalanceTooLow`], [`PlatformError::WrongChain`], [`PlatformError::NotTheContract`].
    async fn sign(
        &self,
        account: &ChainAccount,
        contract: ChainAddress,
        change: &ChainChange,
    ) -> Result<SignedTransaction, PlatformError>;

    /// Signs a change once more, in place of a transaction that waits too long: with its nonce and a fee that is an eighth higher, as
    /// providers ask of a replacement. Only one of the two gets into a block.
    ///
    /// # Errors
    /// As [`Platform::sign`].
    async fn sign_again(
        &self,
        account: &ChainAccount,
        contract: ChainAddress,
        change: &ChainChange,
        waiting: &SignedTransaction,
    ) -> Result<SignedTransaction, PlatformError>;

    /// Signs the transaction that creates a contract; its address is known before it is there.
    ///
    /// # Errors
    /// As [`Platform::sign`].
    async fn sign_contract(&self, account: &ChainAccount) -> Result<Deployed, PlatformError>;

    /// Sends a signed transaction. One that the provider knows already is fine: it acts once.
    ///
    /// # Errors
    /// [`PlatformError::NonceTaken`] when another transaction used its nonce or waits with a better fee,
    /// [`PlatformError::BalanceTooLow`], [`PlatformError::FeeTooLow`], [`PlatformError::Refused`] when the chain never takes it because
    /// it is too large. After [`PlatformError::Unavailable`] it may have arrived: look it up by its hash.
    async fn send(&self, transaction: &SignedTransaction) -> Result<(), PlatformError>;

    /// Returns what became of a transaction.
    async fn outcome(&self, hash: &Fingerprint) -> Result<TransactionOutcome, PlatformError>;

    /// Returns for how long the provider has answered nothing although it is asked, over all tries; nothing while nobody asks.
    fn silence(&self) -> Option<Duration> {
        None
    }
}

/// The contract that a signed transaction will create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployed {
    /// Where it will be.
    pub contract: ChainAddress,
    /// What creates it.
    pub transaction: SignedTransaction,
}

/// What an operator sets for all platforms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainOptions {
    /// The most that one unit of gas may cost (`CHAIN_MAX_FEE_GWEI`); nothing: whatever the chain asks.
    pub max_fee: Option<Amount>,
    /// Blocks, the transaction's own included, after which a change counts as made (`CHAIN_CONFIRMATIONS`); at least 1.
    pub confirmations: u64,
}

impl Default for ChainOptions {
    fn default() -> Self {
        Self { max_fee: None, confirmations: 1 }
    }
}

/// Makes clients of chains, and what needs their cryptography; `chain` implements it and the boot hands it in.
pub trait PlatformMaker: Send + Sync {
    /// Makes the client of a provider; nothing is asked yet.
    ///
    /// # Errors
    /// [`PlatformError::Unavailable`] when TLS cannot be set up.
    fn client(&self, provider: &Provider, options: ChainOptions) -> Result<Arc<dyn Platform>, PlatformError>;

    /// Makes a new account with random keys; no chain has to know it.
    ///
    /// # Errors
    /// [`PlatformError::NoRandomness`].
    fn new_account(&self) -> Result<NewAccount, PlatformError>;

    /// Returns the account of a key.
    ///
    /// # Errors
    /// [`PlatformError::WrongKey`] when the number is no key.
    fn account_of(&self, key: &PrivateKey) -> Result<ChainAddress, PlatformError>;

    /// Opens the text of a keystore file (version 3) with its password; it takes a second or so by design.
    ///
    /// # Errors
    /// [`PlatformError::Keystore`].
    fn open_keystore(&self, text: &str, password: &SecretString) -> Result<PrivateKey, PlatformError>;
}
