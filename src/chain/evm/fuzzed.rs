//! What the fuzz targets reach of this room: answers of providers, behind which any program may stand.

use super::{block::PricedBlock, contract, failure::RpcFailure, outcome, quantity, rpc};
use crate::node::platforms::ChainAddress;
use serde_json::Value;

/// Policies that the answer to a page may have here.
const MOST: u64 = 64;

/// Reads bytes as the answer to every call that the client makes.
pub fn answer(bytes: &[u8]) {
    let Ok(answer) = serde_json::from_slice::<Value>(bytes) else { return };
    let _ = rpc::in_order(answer.clone(), &[]);
    let Some(outcome) = rpc::answered(&mut answer.clone()) else { return };
    let result = match &outcome {
        Ok(result) => result.clone(),
        Err(failure) => return failed(failure),
    };
    let _ = (quantity::number(&result), quantity::amount(&result), PricedBlock::read(&result));
    let _ = outcome::mined(&result, &result);
    let _ = contract::overview(&result);
    let _ = contract::number(ChainAddress([0; 20]), outcome);
    let size = quantity::bytes(&result).map_or(0, |bytes| bytes.len());
    for count in 0..MOST {
        let policies = contract::policies(&result, count).unwrap_or_default();
        // What is no UTF-8 becomes three bytes for one.
        let read: usize = policies.iter().map(|policy| policy.id.len() + policy.text.len()).sum();
        assert!(read <= 6 * size, "{read} bytes of an answer of {size}");
    }
}

fn failed(failure: &RpcFailure) {
    let _ = (failure.refusal(), failure.balance_and_cost());
    let _ = (failure.is_busy(), failure.is_known(), failure.is_nonce_taken(), failure.is_fee_low());
    let _ = failure.is_too_large();
}
