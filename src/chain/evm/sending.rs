//! Sends transactions, each once.

use super::{calls, nonces::Nonces, outcome::outcome, rpc::Rpc};
use crate::node::platforms::{PlatformError, SignedTransaction, TransactionOutcome};

/// Sends a signed transaction; one that the provider knows already is fine.
///
/// # Errors
/// [`PlatformError::NonceTaken`], [`PlatformError::BalanceTooLow`], [`PlatformError::FeeTooLow`], and those of every call.
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
    if let Some((balance, needed)) = failure.balance_and_cost() {
        return Err(PlatformError::BalanceTooLow { account: transaction.account, balance, needed });
    }
    if failure.is_fee_low() {
        return Err(PlatformError::FeeTooLow { hash: transaction.hash });
    }
    Err(failure.rejected(call.method))
}
