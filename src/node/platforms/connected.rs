//! A platform that is connected, with the account that signs on it.

use super::{
    account::{AccountInfo, ChainAccount},
    amount::Amount,
    chain_address::ChainAddress,
    chain_change::ChainChange,
    chain_list::{ChainList, Checkout},
    error::PlatformError,
    platform::{ChainOptions, Platform, PlatformMaker},
    platform_name::PlatformName,
    provider::Provider,
    transaction::{Mined, SignedTransaction, TransactionOutcome},
};
use crate::runtime::limits::{CHAIN_CONFIRMATION, CHAIN_LOOK, CHAIN_LOOK_MOST};
use arc_swap::ArcSwap;
use std::sync::Arc;
use tokio::{
    sync::{Mutex, MutexGuard},
    time::{Instant, sleep},
};

/// One connected platform: its client and what `set account info` said.
pub struct ConnectedPlatform {
    name: PlatformName,
    provider: Provider,
    options: ChainOptions,
    client: Arc<dyn Platform>,
    maker: Arc<dyn PlatformMaker>,
    info: ArcSwap<AccountInfo>,
    sending: Mutex<()>,
}

/// The right to sign and send: who holds it is alone with the nonces of the platform's account. Hold it from the signature until
/// the transaction is sent; nothing but the signing account's order depends on it, so a crash while it is held does no harm.
pub struct SendingTurn<'a> {
    platform: &'a ConnectedPlatform,
    _alone: MutexGuard<'a, ()>,
}

impl ConnectedPlatform {
    /// Makes the client of a provider; nothing is asked yet.
    ///
    /// # Errors
    /// As [`PlatformMaker::client`].
    pub fn new(
        name: PlatformName,
        provider: Provider,
        options: ChainOptions,
        maker: Arc<dyn PlatformMaker>,
    ) -> Result<Self, PlatformError> {
        let client = maker.client(&provider, options)?;
        let (info, sending) = (ArcSwap::default(), Mutex::new(()));
        Ok(Self { name, provider, options, client, maker, info, sending })
    }

    /// Returns the name.
    #[must_use]
    pub const fn name(&self) -> PlatformName {
        self.name
    }

    /// Returns where the chain is reached; it shows itself masked.
    #[must_use]
    pub const fn provider(&self) -> &Provider {
        &self.provider
    }

    /// Returns what an operator set for all platforms.
    #[must_use]
    pub const fn options(&self) -> ChainOptions {
        self.options
    }

    /// Returns the client, for calls that need no account.
    #[must_use]
    pub fn client(&self) -> &dyn Platform {
        &*self.client
    }

    /// Returns what is known of the account.
    #[must_use]
    pub fn info(&self) -> Arc<AccountInfo> {
        self.info.load_full()
    }

    /// Adds what another `set account info` says. A key without an account brings its own.
    ///
    /// # Errors
    /// [`PlatformError::OtherAccount`] when key and account do not belong to each other, [`PlatformError::WrongKey`]; then
    /// nothing is changed.
    pub fn set_info(&self, later: AccountInfo) -> Result<(), PlatformError> {
        let mut info = self.info().merged(later.clone());
        if let Some(key) = &info.private_key {
            let of_key = self.maker.account_of(key)?;
            // A new key without an account takes the place of the old pair.
            let named = if later.private_key.is_some() { later.public_key } else { info.public_key };
            match named {
                Some(named) if named != of_key => return Err(PlatformError::OtherAccount { of_key, named }),
                _ => info.public_key = Some(of_key),
            }
        }
        self.info.store(Arc::new(info));
        Ok(())
    }

    /// Returns the contract.
    ///
    /// # Errors
    /// [`PlatformError::NoContract`].
    pub fn contract(&self) -> Result<ChainAddress, PlatformError> {
        self.info.load().contract.ok_or(PlatformError::NoContract(self.name))
    }

    /// Returns who signs.
    ///
    /// # Errors
    /// [`PlatformError::NoKey`], [`PlatformError::NoAccount`].
    pub fn account(&self) -> Result<ChainAccount, PlatformError> {
        let info = self.info.load();
        let key = info.private_key.clone().ok_or(PlatformError::NoKey(self.name))?;
        let address = info.public_key.ok_or(PlatformError::NoAccount(self.name))?;
        Ok(ChainAccount { address, key, chain_id: info.chain_id })
    }

    /// Returns what the account has.
    ///
    /// # Errors
    /// [`PlatformError::NoAccount`], and those of [`Platform::balance`].
    pub async fn balance(&self) -> Result<Amount, PlatformError> {
        let account = self.info.load().public_key.ok_or(PlatformError::NoAccount(self.name))?;
        self.client.balance(account).await
    }

    /// Returns the number of changes that the contract made.
    ///
    /// # Errors
    /// [`PlatformError::NoContract`], and those of [`Platform::transaction_count`].
    pub async fn transaction_count(&self) -> Result<u64, PlatformError> {
        self.client.transaction_count(self.contract()?).await
    }

    /// Reads the contract's list, or finds that it is still the known one.
    ///
    /// # Errors
    /// [`PlatformError::NoContract`], and those of [`Platform::checkout`].
    pub async fn checkout(&self, known: Option<&ChainList>) -> Result<Checkout, PlatformError> {
        self.client.checkout(self.contract()?, known).await
    }

    /// Returns the text that the contract holds under an id.
    ///
    /// # Errors
    /// [`PlatformError::NoContract`], and those of [`Platform::find`].
    pub async fn find(&self, id: &str) -> Result<Option<String>, PlatformError> {
        self.client.find(self.contract()?, id).await
    }

    /// Waits until nobody else signs or sends for the account.
    pub async fn turn(&self) -> SendingTurn<'_> {
        SendingTurn { platform: self, _alone: self.sending.lock().await }
    }

    /// Signs a change, sends it, and waits until it is confirmed. Where somebody else used the nonce it is signed once more.
    ///
    /// # Errors
    /// Those of [`SendingTurn::sign`], [`Platform::send`] and [`Self::confirmed`].
    pub async fn carry_out(&self, change: &ChainChange) -> Result<Mined, PlatformError> {
        let sent = {
            let turn = self.turn().await;
            let transaction = turn.sign(change).await?;
            match self.client.send(&transaction).await {
                Err(PlatformError::NonceTaken { .. }) => {
                    let transaction = turn.sign(change).await?;
                    self.client.send(&transaction).await?;
                    transaction
                }
                sent => sent.map(|()| transaction)?,
            }
        };
        self.confirmed(&sent, &change.to_string()).await
    }

    /// Creates a contract and returns its address when it is confirmed. It is not yet the platform's: `set account info` says
    /// so.
    ///
    /// # Errors
    /// Those of [`Self::account`], [`Platform::sign_contract`], [`Platform::send`] and [`Self::confirmed`].
    pub async fn deploy(&self) -> Result<ChainAddress, PlatformError> {
        let deployed = {
            let _turn = self.turn().await;
            let deployed = self.client.sign_contract(&self.account()?).await?;
            self.client.send(&deployed.transaction).await?;
            deployed
        };
        self.confirmed(&deployed.transaction, "the contract").await?;
        Ok(deployed.contract)
    }

    /// Waits until a transaction has the confirmations that the options ask for; `what` says what it was to do.
    ///
    /// # Errors
    /// [`PlatformError::Refused`] when the contract refused it, [`PlatformError::Unconfirmed`] when the time is over, and those
    /// of [`Platform::outcome`].
    pub async fn confirmed(&self, transaction: &SignedTransaction, what: &str) -> Result<Mined, PlatformError> {
        let (begin, mut pause) = (Instant::now(), CHAIN_LOOK);
        loop {
            match self.client.outcome(&transaction.hash).await? {
                TransactionOutcome::Mined(mined) if mined.confirmations >= self.options.confirmations => {
                    return Ok(mined);
                }
                TransactionOutcome::Reverted { refusal, .. } => {
                    return Err(PlatformError::Refused { change: what.to_owned(), refusal });
                }
                _ if begin.elapsed() > CHAIN_CONFIRMATION => {
                    let seconds = begin.elapsed().as_secs();
                    return Err(PlatformError::Unconfirmed { hash: transaction.hash, seconds });
                }
                _ => sleep(pause).await,
            }
            pause = (pause * 2).min(CHAIN_LOOK_MOST);
        }
    }
}

impl SendingTurn<'_> {
    /// Signs a change for the platform's account and contract; nothing is sent.
    ///
    /// # Errors
    /// [`PlatformError::NoKey`], [`PlatformError::NoAccount`], [`PlatformError::NoContract`], and those of [`Platform::sign`].
    pub async fn sign(&self, change: &ChainChange) -> Result<SignedTransaction, PlatformError> {
        let (account, contract) = (self.platform.account()?, self.platform.contract()?);
        self.platform.client.sign(&account, contract, change).await
    }

    /// Signs a change once more, in place of a transaction that waits too long; nothing is sent.
    ///
    /// # Errors
    /// As [`SendingTurn::sign`].
    pub async fn sign_again(
        &self,
        change: &ChainChange,
        waiting: &SignedTransaction,
    ) -> Result<SignedTransaction, PlatformError> {
        let (account, contract) = (self.platform.account()?, self.platform.contract()?);
        self.platform.client.sign_again(&account, contract, change, waiting).await
    }

    /// Sends what was signed, now or before a restart.
    ///
    /// # Errors
    /// Those of [`Platform::send`].
    pub async fn send(&self, transaction: &SignedTransaction) -> Result<(), PlatformError> {
        self.platform.client.send(transaction).await
    }
}
