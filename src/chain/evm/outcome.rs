//! What became of a transaction.

use super::{
    calls::{self, At},
    quantity,
    rpc::Rpc,
};
use crate::node::platforms::{ChainBlock, Fingerprint, Mined, PlatformError, Refusal, TransactionOutcome};
use serde_json::Value;

/// Looks a transaction up: one batch, and one call more for the reason of a refused one.
///
/// # Errors
/// As every call.
pub async fn outcome(rpc: &Rpc, hash: &Fingerprint) -> Result<TransactionOutcome, PlatformError> {
    let wanted = [calls::receipt(hash), calls::transaction(hash), calls::block(At::Latest)];
    let mut values = Vec::new();
    for (answer, call) in rpc.read_all(&wanted).await?.into_iter().zip(&wanted) {
        values.push(answer.map_err(|failure| failure.rejected(call.method))?);
    }
    let [receipt, transaction, head] = values.as_slice() else {
        return Err(malformed("the answer to a batch has not all answers"));
    };
    match (receipt, transaction) {
        (Value::Null, Value::Null) => Ok(TransactionOutcome::Unknown),
        (Value::Null, _) => Ok(TransactionOutcome::Pending),
        _ => {
            let mined = mined(receipt, head).ok_or_else(|| malformed("the receipt has no block"))?;
            if receipt.get("status").and_then(quantity::number) != Some(0) {
                return Ok(TransactionOutcome::Mined(mined));
            }
            Ok(TransactionOutcome::Reverted { mined, refusal: refusal(rpc, transaction, mined.block).await? })
        }
    }
}

pub(super) fn mined(receipt: &Value, head: &Value) -> Option<Mined> {
    let number = quantity::number(receipt.get("blockNumber")?)?;
    let hash = receipt.get("blockHash")?.as_str()?.parse().ok()?;
    let head = head.get("number").and_then(quantity::number).unwrap_or(number);
    Some(Mined { block: ChainBlock { number, hash }, confirmations: head.saturating_sub(number) + 1 })
}

/// Returns why a transaction was refused: a receipt does not say it, so it is done again without effect before its block.
async fn refusal(rpc: &Rpc, transaction: &Value, block: ChainBlock) -> Result<Refusal, PlatformError> {
    let again = calls::replay(transaction, At::Block(block.number.saturating_sub(1)));
    let answer = rpc.read(&again).await?;
    Ok(answer.err().and_then(|failure| failure.refusal()).unwrap_or(Refusal::Silent))
}

fn malformed(what: &str) -> PlatformError {
    PlatformError::Malformed { method: "eth_getTransactionReceipt", what: what.to_owned() }
}
