//! Contract platforms: chains that hold a copy of the ledger in a contract, or hold it in place of a table (reference/ledger 12).
//!
//! Here stand what the node knows of them ([`Platforms`]) and the port to a chain ([`Platform`]); `chain` implements it.

mod account;
mod amount;
mod chain_address;
mod chain_change;
mod chain_list;
mod checked_out;
mod connected;
mod error;
mod fingerprint;
mod new_account;
mod platform;
mod platform_name;
mod platforms;
mod private_key;
mod provider;
mod refusal;
mod transaction;

pub use account::{AccountInfo, ChainAccount};
pub use amount::Amount;
pub use chain_address::ChainAddress;
pub use chain_change::ChainChange;
pub use chain_list::{ChainList, ChainPolicy, Checkout};
pub use checked_out::CheckedOut;
pub use connected::{ConnectedPlatform, SendingTurn};
pub use error::PlatformError;
pub use fingerprint::Fingerprint;
pub use new_account::NewAccount;
pub use platform::{ChainOptions, Deployed, Platform, PlatformMaker};
pub use platform_name::PlatformName;
pub use platforms::Platforms;
pub use private_key::PrivateKey;
pub use provider::Provider;
pub use refusal::Refusal;
pub use transaction::{ChainBlock, Mined, SignedTransaction, TransactionOutcome};

use crate::reply::{Code, Error};

/// Returns the refusal of a platform that is not connected.
#[must_use]
pub fn not_connected(platform: &str) -> Error {
    Error::with(
        Code::BLOCKCHAIN_UNKNOWN,
        format!("the platform '{platform}' is not connected; this node keeps its ledger in a database"),
    )
}
