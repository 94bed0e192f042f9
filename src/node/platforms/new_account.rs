//! A pair of keys that nobody had before.

use super::{chain_address::ChainAddress, private_key::PrivateKey};

/// What `blockchain create account` makes.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The public part: the address of the account.
    pub address: ChainAddress,
    /// Its key, which is shown once and kept nowhere.
    pub key: PrivateKey,
}
