//! Blocks as a provider tells them.

use super::{calls, calls::At, quantity, rpc::Rpc};
use crate::node::platforms::{Amount, ChainBlock, PlatformError};
use serde_json::Value;

/// A block, and what gas cost in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PricedBlock {
    /// Its number and hash.
    pub block: ChainBlock,
    /// The base fee; chains without EIP-1559 have none.
    pub base_fee: Option<Amount>,
}

impl PricedBlock {
    /// Reads a block; nothing when there is none under its number.
    ///
    /// # Errors
    /// [`PlatformError::Malformed`].
    pub fn read(value: &Value) -> Result<Option<Self>, PlatformError> {
        if value.is_null() {
            return Ok(None);
        }
        let number = value.get("number").and_then(quantity::number);
        let hash = value.get("hash").and_then(Value::as_str).and_then(|hash| hash.parse().ok());
        let (number, hash) = number.zip(hash).ok_or_else(|| PlatformError::Malformed {
            method: "eth_getBlockByNumber",
            what: "the block has no number or no hash".to_owned(),
        })?;
        let base_fee = value.get("baseFeePerGas").and_then(quantity::amount).map(Amount);
        Ok(Some(Self { block: ChainBlock { number, hash }, base_fee }))
    }
}

/// Returns the newest block.
///
/// # Errors
/// As every call.
pub async fn head(rpc: &Rpc) -> Result<ChainBlock, PlatformError> {
    let block = PricedBlock::read(&rpc.value(&calls::block(At::Latest)).await?)?;
    block.map(|head| head.block).ok_or_else(|| PlatformError::Malformed {
        method: "eth_getBlockByNumber",
        what: "there is no newest block".to_owned(),
    })
}

/// Tells whether a block is still part of the chain.
///
/// # Errors
/// As every call.
pub async fn is_in_chain(rpc: &Rpc, block: ChainBlock) -> Result<bool, PlatformError> {
    let found = PricedBlock::read(&rpc.value(&calls::block(At::Block(block.number))).await?)?;
    Ok(found.is_some_and(|found| found.block == block))
}
