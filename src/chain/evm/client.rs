//! The client of one chain.

use super::{
    artefact, block,
    calls::{self, At},
    checkout::checkout,
    contract::{self, ContractKind, Contracts},
    nonces::Nonces,
    outcome::outcome,
    quantity,
    rpc::Rpc,
    sending::send,
    signing::{Order, sign},
    unsigned::contract_of,
};
use crate::node::platforms::{
    Amount, ChainAccount, ChainAddress, ChainBlock, ChainChange, ChainList, ChainOptions, Checkout, Deployed,
    Fingerprint, Platform, PlatformError, Provider, SignedTransaction, TransactionOutcome,
};
use async_trait::async_trait;
use std::time::Duration;

/// A chain with the machine of Ethereum, behind a provider.
pub struct EvmClient {
    rpc: Rpc,
    contracts: Contracts,
    nonces: Nonces,
    options: ChainOptions,
}

impl EvmClient {
    /// Creates the client; nothing is asked yet.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(provider: &Provider, options: ChainOptions) -> Result<Self, PlatformError> {
        Ok(Self { rpc: Rpc::new(provider)?, contracts: Contracts::default(), nonces: Nonces::default(), options })
    }

    /// Makes a call whose value is a number.
    async fn number(&self, call: calls::RpcCall) -> Result<u64, PlatformError> {
        quantity::number(&self.rpc.value(&call).await?).ok_or_else(|| no_number(call.method))
    }

    /// Signs a change; `instead_of` is the transaction whose place it takes.
    async fn signed_change(
        &self,
        account: &ChainAccount,
        contract: ChainAddress,
        change: &ChainChange,
        instead_of: Option<&SignedTransaction>,
    ) -> Result<SignedTransaction, PlatformError> {
        // A transaction to an address without a contract succeeds and does nothing.
        self.contracts.kind(&self.rpc, contract).await?;
        let (data, what) = (contract::data_of(change), change.to_string());
        let order = Order { account, to: Some(contract), data, what, max_fee: self.options.max_fee, instead_of };
        sign(&self.rpc, &self.nonces, order).await
    }
}

fn no_number(method: &'static str) -> PlatformError {
    PlatformError::Malformed { method, what: "it is no number".to_owned() }
}

#[async_trait]
impl Platform for EvmClient {
    async fn client_version(&self) -> Result<String, PlatformError> {
        let version = self.rpc.value(&calls::client_version()).await?;
        Ok(version.as_str().unwrap_or_default().to_owned())
    }

    async fn chain_id(&self) -> Result<u64, PlatformError> {
        self.number(calls::chain_id()).await
    }

    async fn head(&self) -> Result<ChainBlock, PlatformError> {
        block::head(&self.rpc).await
    }

    async fn balance(&self, account: ChainAddress) -> Result<Amount, PlatformError> {
        let call = calls::balance(account);
        quantity::amount(&self.rpc.value(&call).await?).map(Amount).ok_or_else(|| no_number(call.method))
    }

    async fn nonce_of(&self, account: ChainAddress) -> Result<u64, PlatformError> {
        self.number(calls::nonce(account, At::Latest)).await
    }

    async fn transaction_count(&self, contract: ChainAddress) -> Result<u64, PlatformError> {
        contract::transaction_count(&self.rpc, contract).await
    }

    async fn checkout(&self, contract: ChainAddress, known: Option<&ChainList>) -> Result<Checkout, PlatformError> {
        checkout(&self.rpc, &self.contracts, contract, known).await
    }

    async fn find(&self, contract: ChainAddress, id: &str) -> Result<Option<String>, PlatformError> {
        if self.contracts.kind(&self.rpc, contract).await? == ContractKind::Paged {
            return contract::find(&self.rpc, contract, id).await;
        }
        match checkout(&self.rpc, &self.contracts, contract, None).await? {
            Checkout::Unchanged => Ok(None),
            Checkout::Changed(list) => {
                Ok(list.policies.iter().find(|policy| policy.id == id).map(|policy| policy.text.clone()))
            }
        }
    }

    async fn sign(
        &self,
        account: &ChainAccount,
        contract: ChainAddress,
        change: &ChainChange,
    ) -> Result<SignedTransaction, PlatformError> {
        self.signed_change(account, contract, change, None).await
    }

    async fn sign_again(
        &self,
        account: &ChainAccount,
        contract: ChainAddress,
        change: &ChainChange,
        waiting: &SignedTransaction,
    ) -> Result<SignedTransaction, PlatformError> {
        self.signed_change(account, contract, change, Some(waiting)).await
    }

    async fn sign_contract(&self, account: &ChainAccount) -> Result<Deployed, PlatformError> {
        let data = artefact::bytecode().ok_or_else(|| no_number("contracts/AnyLog2.json"))?;
        let what = "the contract".to_owned();
        let order = Order { account, to: None, data, what, max_fee: self.options.max_fee, instead_of: None };
        let transaction = sign(&self.rpc, &self.nonces, order).await?;
        Ok(Deployed { contract: contract_of(account.address, transaction.nonce), transaction })
    }

    async fn send(&self, transaction: &SignedTransaction) -> Result<(), PlatformError> {
        send(&self.rpc, &self.nonces, transaction).await
    }

    async fn outcome(&self, hash: &Fingerprint) -> Result<TransactionOutcome, PlatformError> {
        outcome(&self.rpc, hash).await
    }

    fn silence(&self) -> Option<Duration> {
        self.rpc.silence()
    }
}
