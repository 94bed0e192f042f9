//! Makes clients and accounts.

use super::{client::EvmClient, keystore, signature};
use crate::node::platforms::{
    ChainAddress, ChainOptions, NewAccount, Platform, PlatformError, PlatformMaker, PrivateKey, Provider,
};
use secrecy::SecretString;
use std::sync::Arc;

/// What `ethereum` and `optimism` have in common, which is all.
#[derive(Clone, Copy, Debug, Default)]
pub struct EvmMaker;

impl PlatformMaker for EvmMaker {
    fn client(&self, provider: &Provider, options: ChainOptions) -> Result<Arc<dyn Platform>, PlatformError> {
        Ok(Arc::new(EvmClient::new(provider, options)?))
    }

    fn new_account(&self) -> Result<NewAccount, PlatformError> {
        signature::new_account()
    }

    fn account_of(&self, key: &PrivateKey) -> Result<ChainAddress, PlatformError> {
        signature::account_of(key)
    }

    fn open_keystore(&self, text: &str, password: &SecretString) -> Result<PrivateKey, PlatformError> {
        keystore::open(text, password)
    }
}
