//! Signs transactions: nonce, gas and fee as the chain says them.

use super::{
    block::PricedBlock,
    calls::{self, At},
    failure::RpcFailure,
    fee::Fee,
    nonces::Nonces,
    outcome::outcome,
    quantity,
    rpc::{Rpc, RpcAnswer},
    unsigned::{Unsigned, offer_of},
};
use crate::node::platforms::{
    Amount, ChainAccount, ChainAddress, PlatformError, Refusal, SignedTransaction, TransactionOutcome,
};

/// The most gas of one transaction on chains that limit it (EIP-7825).
const MOST_GAS: u64 = 1 << 24;

/// What is to be signed.
pub struct Order<'a> {
    /// Who signs.
    pub account: &'a ChainAccount,
    /// The contract; nothing: a new one.
    pub to: Option<ChainAddress>,
    /// The call, or the code of the new contract.
    pub data: Vec<u8>,
    /// What it does, for errors.
    pub what: String,
    /// The most that one unit of gas may cost.
    pub max_fee: Option<Amount>,
    /// The transaction that waits, in whose place it comes.
    pub instead_of: Option<&'a SignedTransaction>,
}

/// Asks the chain all that a transaction needs, in one batch, and signs it.
///
/// # Errors
/// [`PlatformError::WrongChain`], [`PlatformError::Refused`], [`PlatformError::FeeAboveCap`], [`PlatformError::BalanceTooLow`],
/// [`PlatformError::WrongKey`], and those of every call.
pub async fn sign(rpc: &Rpc, nonces: &Nonces, order: Order<'_>) -> Result<SignedTransaction, PlatformError> {
    let address = order.account.address;
    // The state with what waits has the change already that is signed once more.
    let at = if order.instead_of.is_some() { At::Latest } else { At::Pending };
    let wanted = [
        calls::chain_id(),
        calls::nonce(address, At::Pending),
        calls::estimate(address, order.to, &order.data, at),
        calls::block(At::Latest),
        calls::balance(address),
        calls::gas_price(),
        calls::priority_fee(),
    ];
    let answers: [RpcAnswer; 7] = rpc.read_all(&wanted).await?.try_into().map_err(|_| missing("eth_chainId"))?;
    let [chain_id, nonce, gas, block, balance, gas_price, priority] = answers;
    let chain_id = chain_id.ok().as_ref().and_then(quantity::number).ok_or_else(|| missing("eth_chainId"))?;
    if let Some(wanted) = order.account.chain_id.filter(|wanted| *wanted != chain_id) {
        return Err(PlatformError::WrongChain { wanted, served: chain_id });
    }
    let gas = gas_of(rpc, &order, gas).await?;
    let block = block.map_err(|failure| failure.rejected("eth_getBlockByNumber"))?;
    let base_fee = PricedBlock::read(&block)?.and_then(|block| block.base_fee);
    let priority = priority.ok().as_ref().and_then(quantity::amount).map(Amount);
    let gas_price = gas_price.ok().as_ref().and_then(quantity::amount).map(Amount);
    let gas_price = gas_price.ok_or_else(|| missing("eth_gasPrice"))?;
    let fee = Fee::choose(base_fee, priority, gas_price, order.max_fee)?;
    let fee = match order.instead_of.and_then(|waiting| offer_of(&waiting.raw)) {
        Some((earlier, _)) => fee.above(earlier, order.max_fee)?,
        None => fee,
    };
    let balance =
        balance.ok().as_ref().and_then(quantity::amount).map(Amount).ok_or_else(|| missing("eth_getBalance"))?;
    let needed = Amount(fee.most().0.saturating_mul(gas.into()));
    if balance < needed {
        return Err(PlatformError::BalanceTooLow { account: address, balance, needed });
    }
    let counted = nonce.ok().as_ref().and_then(quantity::number).ok_or_else(|| missing("eth_getTransactionCount"))?;
    let nonce = match order.instead_of {
        Some(waiting) => waiting.nonce,
        None => next_nonce(rpc, nonces, address, counted).await?,
    };
    Unsigned { chain_id, nonce, fee, gas, to: order.to, data: order.data }.signed(order.account)
}

/// Returns the gas that the transaction may need: what the chain estimates and a fifth, as other changes may come before it. What
/// is not used costs nothing.
async fn gas_of(rpc: &Rpc, order: &Order<'_>, estimate: RpcAnswer) -> Result<u64, PlatformError> {
    let estimate = match estimate {
        // Some providers know no state with the transactions that wait.
        Err(failure) if failure.refusal().is_none() => {
            rpc.read(&calls::estimate(order.account.address, order.to, &order.data, At::Latest)).await?
        }
        estimate => estimate,
    };
    let gas = estimate.map_err(|failure| not_estimated(order, failure))?;
    quantity::number(&gas).map(with_reserve).ok_or_else(|| missing("eth_estimateGas"))
}

/// Adds a fifth to an estimate; not so much that it alone makes a transaction too large for the chain.
fn with_reserve(gas: u64) -> u64 {
    let most = if gas <= MOST_GAS { MOST_GAS } else { u64::MAX };
    gas.saturating_add(gas / 5).min(most)
}

/// Makes the error of a transaction whose gas the chain does not estimate.
fn not_estimated(order: &Order<'_>, failure: RpcFailure) -> PlatformError {
    let refused = |refusal| PlatformError::Refused { change: order.what.clone(), refusal };
    match (failure.refusal(), failure.balance_and_cost()) {
        (Some(refusal), _) => refused(refusal),
        (None, Some((balance, needed))) => {
            PlatformError::BalanceTooLow { account: order.account.address, balance, needed }
        }
        (None, None) if failure.is_too_large() => refused(Refusal::TooLarge),
        (None, None) => failure.rejected("eth_estimateGas"),
    }
}

/// Returns the next nonce: what the provider counts, and behind what it does not count yet but knows.
async fn next_nonce(rpc: &Rpc, nonces: &Nonces, account: ChainAddress, counted: u64) -> Result<u64, PlatformError> {
    let Some((nonce, hash)) = nonces.uncounted(account, counted) else {
        return Ok(counted);
    };
    if outcome(rpc, &hash).await? == TransactionOutcome::Unknown {
        nonces.forget(account);
        return Ok(counted);
    }
    Ok(nonce + 1)
}

fn missing(method: &'static str) -> PlatformError {
    PlatformError::Malformed { method, what: "a number is missing".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserve_is_a_fifth_and_stays_below_what_a_transaction_may_have() {
        assert_eq!(with_reserve(1_000_000), 1_200_000);
        assert_eq!(with_reserve(MOST_GAS - 1), MOST_GAS);
        assert_eq!(with_reserve(20_000_000), 24_000_000, "such a chain has no such limit");
    }
}
