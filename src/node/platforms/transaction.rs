//! Transactions: signed, sent, and what became of them.

use super::{chain_address::ChainAddress, fingerprint::Fingerprint, refusal::Refusal};

/// A transaction that is signed and can be sent, now or after a restart: the same bytes never act twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedTransaction {
    /// Its hash, known before it is sent.
    pub hash: Fingerprint,
    /// The bytes for the chain.
    pub raw: Vec<u8>,
    /// Its number among the transactions of the account; the chain takes each number once.
    pub nonce: u64,
    /// Who signed it.
    pub account: ChainAddress,
}

/// A block of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainBlock {
    /// Its number.
    pub number: u64,
    /// Its hash: another one under the same number tells that the chain was re-organised.
    pub hash: Fingerprint,
}

/// Where a transaction stands in the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mined {
    /// Its block.
    pub block: ChainBlock,
    /// Blocks from its own to the head, both counted: 1 when it is in the newest.
    pub confirmations: u64,
}

/// What became of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransactionOutcome {
    /// The provider does not know it: it was never sent, or it was dropped, or its block is no longer part of the chain.
    Unknown,
    /// It waits for a block.
    Pending,
    /// It is in a block and did what it was to do.
    Mined(Mined),
    /// It is in a block and was refused: it used its nonce and changed nothing.
    Reverted {
        /// Where it stands.
        mined: Mined,
        /// What the contract says.
        refusal: Refusal,
    },
}
