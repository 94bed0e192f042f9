//! Sends transactions, each once.

use super::{calls, failure::RpcFailure, nonces::Nonces, outcome::outcome, quantity, rpc::Rpc, unsigned::offer_of};
use crate::node::platforms::{Amount, PlatformError, Refusal, SignedTransaction, TransactionOutcome};

/// Sends a signed transaction; one that the provider knows already is fine.
///
/// # Errors
/// [`PlatformError::NonceTaken`], [`PlatformError::BalanceTooLow`], [`PlatformError::FeeTooLow`], [`PlatformError::Refused`] with
/// [`Refusal::TooLarge`], and those of every call.
pub async fn send(rpc: &Rpc, nonces: &Nonces, transaction: &SignedTransaction) -> Result<(), PlatformError> {
    let call = calls::send(&transaction.raw);
    let failure = match rpc.once(&call).await? {
        Ok(_) => {
            nonces.note(transaction);
            return Ok(());
        }
        Err(failure) => failure,
    };
    if failure.is_known() {
        nonces.note(transaction);
        return Ok(());
    }
    if failure.is_nonce_taken() {
        // Its own nonce is taken for a transaction that is in a block already.
        return match outcome(rpc, &transaction.hash).await? {
            TransactionOutcome::Unknown => {
                nonces.forget(transaction.account);
                Err(PlatformError::NonceTaken { account: transaction.account, nonce: transaction.nonce })
            }
            _ => Ok(()),
        };
    }
    if failure.is_balance_low() {
        return Err(balance_too_low(rpc, transaction, failure).await?);
    }
    if failure.is_fee_low() {
        return Err(PlatformError::FeeTooLow { hash: transaction.hash });
    }
    if failure.is_too_large() {
        let change = format!("transaction {}", transaction.hash);
        return Err(PlatformError::Refused { change, refusal: Refusal::TooLarge });
    }
    Err(failure.rejected(call.method))
}

/// Makes the error of an account that cannot pay; what the provider does not say is asked for.
async fn balance_too_low(
    rpc: &Rpc,
    transaction: &SignedTransaction,
    failure: RpcFailure,
) -> Result<PlatformError, PlatformError> {
    let account = transaction.account;
    if let Some((balance, needed)) = failure.balance_and_cost() {
        return Ok(PlatformError::BalanceTooLow { account, balance, needed });
    }
    let balance = quantity::amount(&rpc.value(&calls::balance(account)).await?).map(Amount);
    let needed = offer_of(&transaction.raw).map(|(fee, gas)| Amount(fee.most().0.saturating_mul(gas.into())));
    Ok(match (balance, needed) {
        (Some(balance), Some(needed)) => PlatformError::BalanceTooLow { account, balance, needed },
        _ => failure.rejected("eth_sendRawTransaction"),
    })
}
