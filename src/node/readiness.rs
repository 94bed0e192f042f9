//! Whether the boot is done and whether the node is about to leave; [`crate::node::health`] looks at the rest.

use std::sync::{
    PoisonError, RwLock,
    atomic::{AtomicBool, Ordering},
};

/// What only the boot and the stop know about readiness.
#[derive(Debug, Default)]
pub struct Readiness {
    finished: AtomicBool,
    leaving: AtomicBool,
    errors: RwLock<Vec<String>>,
}

impl Readiness {
    /// Records that every step of the boot is done, the node's own policy included.
    pub fn boot_finished(&self) {
        self.finished.store(true, Ordering::Release);
    }

    /// Records that the node stops soon: probes say so while everything else still works.
    pub fn leave(&self) {
        self.leaving.store(true, Ordering::Release);
    }

    /// Tells whether the node stops soon.
    #[must_use]
    pub fn is_leaving(&self) -> bool {
        self.leaving.load(Ordering::Acquire)
    }

    /// Keeps the errors of a boot whose node is not ready, oldest first.
    pub fn boot_failed(&self, errors: Vec<String>) {
        *self.errors.write().unwrap_or_else(PoisonError::into_inner) = errors;
    }

    /// Returns the errors of a boot whose node was not ready, oldest first.
    #[must_use]
    pub fn boot_errors(&self) -> Vec<String> {
        self.errors.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Tells whether the boot is done.
    #[must_use]
    pub fn has_booted(&self) -> bool {
        self.finished.load(Ordering::Acquire)
    }
}
