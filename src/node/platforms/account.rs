//! The account that signs on a platform, and the contract that it changes.

use super::{chain_address::ChainAddress, private_key::PrivateKey};

/// What `blockchain set account info` says of a platform; what a call does not name stays as it was.
#[derive(Clone, Debug, Default)]
pub struct AccountInfo {
    /// The key that signs.
    pub private_key: Option<PrivateKey>,
    /// The account: the address that belongs to the key.
    pub public_key: Option<ChainAddress>,
    /// The chain for which transactions are signed: they are worth nothing on another one.
    pub chain_id: Option<u64>,
    /// The contract with the policies.
    pub contract: Option<ChainAddress>,
}

impl AccountInfo {
    /// Returns what is known after another call.
    #[must_use]
    pub fn merged(&self, later: Self) -> Self {
        Self {
            private_key: later.private_key.or_else(|| self.private_key.clone()),
            public_key: later.public_key.or(self.public_key),
            chain_id: later.chain_id.or(self.chain_id),
            contract: later.contract.or(self.contract),
        }
    }
}

/// Who signs: the account with its key.
#[derive(Clone, Debug)]
pub struct ChainAccount {
    /// Its address.
    pub address: ChainAddress,
    /// Its key.
    pub key: PrivateKey,
    /// The chain for which it signs; nothing: the chain that the provider says.
    pub chain_id: Option<u64>,
}
