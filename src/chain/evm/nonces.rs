//! Which number the next transaction of an account has.

use crate::node::platforms::{ChainAddress, Fingerprint, SignedTransaction};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// The last transaction of each account that went out: providers count it a little later, and some of them never when another
/// of their machines answers.
#[derive(Debug, Default)]
pub struct Nonces {
    sent: Mutex<HashMap<ChainAddress, (u64, Fingerprint)>>,
}

impl Nonces {
    /// Remembers a transaction that went out.
    pub fn note(&self, transaction: &SignedTransaction) {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let last = sent.entry(transaction.account).or_insert((transaction.nonce, transaction.hash));
        if transaction.nonce >= last.0 {
            *last = (transaction.nonce, transaction.hash);
        }
    }

    /// Returns the transaction that the provider does not count yet: its nonce and hash. Somebody has to look whether the
    /// provider knows it; otherwise it was dropped, and its nonce is free.
    pub fn uncounted(&self, account: ChainAddress, counted: u64) -> Option<(u64, Fingerprint)> {
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.get(&account).copied().filter(|(nonce, _)| *nonce >= counted)
    }

    /// Forgets what was dropped.
    pub fn forget(&self, account: ChainAddress) {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).remove(&account);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transaction(nonce: u64) -> SignedTransaction {
        SignedTransaction { hash: Fingerprint([0; 32]), raw: Vec::new(), nonce, account: ChainAddress([1; 20]) }
    }

    #[test]
    fn last_transaction_counts_until_the_provider_counts_it() {
        let (nonces, account) = (Nonces::default(), ChainAddress([1; 20]));
        assert_eq!(nonces.uncounted(account, 0), None);
        nonces.note(&transaction(4));
        nonces.note(&transaction(3));
        assert_eq!(nonces.uncounted(account, 4).map(|(nonce, _)| nonce), Some(4));
        assert_eq!(nonces.uncounted(account, 5), None);
        nonces.forget(account);
        assert_eq!(nonces.uncounted(account, 4), None);
    }
}
