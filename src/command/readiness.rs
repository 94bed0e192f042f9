//! Whether the node may be given work: boot finished, servers listening, not stopping.

use std::sync::atomic::{AtomicBool, Ordering};

/// What only the boot knows about readiness; [`super::Node::unready`] adds the rest.
#[derive(Debug, Default)]
pub struct Readiness {
    ledger: AtomicBool,
    policy: AtomicBool,
}

impl Readiness {
    /// Records that the ledger is loaded and that the node's own policy is stored.
    pub fn boot_finished(&self) {
        self.ledger_loaded();
        self.policy.store(true, Ordering::Release);
    }

    /// Records that the ledger is loaded.
    pub fn ledger_loaded(&self) {
        self.ledger.store(true, Ordering::Release);
    }

    /// Tells whether the ledger is loaded.
    #[must_use]
    pub fn has_ledger(&self) -> bool {
        self.ledger.load(Ordering::Acquire)
    }

    /// Tells whether the node's own policy is stored (or was found) and every boot step is done.
    #[must_use]
    pub fn has_policy(&self) -> bool {
        self.policy.load(Ordering::Acquire)
    }
}
