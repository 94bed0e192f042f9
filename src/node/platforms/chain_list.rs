//! What a contract holds.

use super::{fingerprint::Fingerprint, transaction::ChainBlock};
use std::{sync::Arc, time::Instant};

/// One entry of the contract's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainPolicy {
    /// The id under which it was inserted.
    pub id: String,
    /// The text that was inserted; anybody can insert, so it may be no policy.
    pub text: String,
}

/// The contract's list as of one block, in its own order. Cloning shares the entries.
#[derive(Clone, Debug)]
pub struct ChainList {
    /// Inserts, updates and deletes that the contract ever made.
    pub transaction_count: u64,
    /// The block as of which it was read.
    pub block: ChainBlock,
    /// What the contract says of all of its changes, where it can: contracts of other nodes cannot.
    pub fingerprint: Option<Fingerprint>,
    /// The entries.
    pub policies: Arc<Vec<ChainPolicy>>,
    /// When it was read.
    pub read_at: Instant,
}

/// What a checkout finds.
#[derive(Clone, Debug)]
pub enum Checkout {
    /// The contract holds what is known already.
    Unchanged,
    /// The list as it is now.
    Changed(ChainList),
}
