//! What a relay did: counted, and as far as it has to remember it.

use crate::{
    node::{RelayCounters, SentTransaction},
    runtime::clock,
};
use arc_swap::ArcSwapOption;
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// What the relay did since the start of the node.
#[derive(Debug, Default)]
pub(super) struct RelayTally {
    sent: AtomicU64,
    mined: AtomicU64,
    refused: AtomicU64,
    pulled: AtomicU64,
    reorganised: AtomicU64,
    last_sent: ArcSwapOption<SentTransaction>,
    /// Policies that no transaction of the chain can carry, with the hashes of their texts.
    too_large: Mutex<HashMap<String, String>>,
}

impl RelayTally {
    pub(super) fn sent(&self, hash: String, nonce: u64) {
        self.sent.fetch_add(1, Ordering::Relaxed);
        self.last_sent.store(Some(Arc::new(SentTransaction { hash, nonce, at: clock::now() })));
    }

    pub(super) fn last_sent(&self) -> Option<SentTransaction> {
        self.last_sent.load().as_deref().cloned()
    }

    pub(super) fn mined(&self) {
        self.mined.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn pulled(&self) {
        self.pulled.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn reorganised(&self) {
        self.reorganised.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes note of a policy whose text no transaction can carry.
    pub(super) fn note_too_large(&self, id: String, hash: String) {
        self.too_large.lock().unwrap_or_else(PoisonError::into_inner).insert(id, hash);
    }

    /// Tells whether no transaction could carry a policy with this text: it is not tried once more.
    pub(super) fn is_too_large(&self, id: &str, hash: &str) -> bool {
        let too_large = self.too_large.lock().unwrap_or_else(PoisonError::into_inner);
        too_large.get(id).is_some_and(|known| known == hash)
    }

    pub(super) fn counters(&self) -> RelayCounters {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        RelayCounters {
            sent: read(&self.sent),
            mined: read(&self.mined),
            refused: read(&self.refused),
            pulled: read(&self.pulled),
            reorganised: read(&self.reorganised),
        }
    }
}
