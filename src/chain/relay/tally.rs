//! What a relay did, counted.

use crate::node::RelayCounters;
use std::sync::atomic::{AtomicU64, Ordering};

/// What the relay did since the start of the node.
#[derive(Debug, Default)]
pub(super) struct RelayTally {
    sent: AtomicU64,
    mined: AtomicU64,
    refused: AtomicU64,
    pulled: AtomicU64,
    reorganised: AtomicU64,
}

impl RelayTally {
    pub(super) fn sent(&self) {
        self.sent.fetch_add(1, Ordering::Relaxed);
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
