//! Whether the boot is done; the node knows the rest of its readiness itself.

use std::sync::{
    PoisonError, RwLock,
    atomic::{AtomicBool, Ordering},
};

/// What only the boot knows about readiness; [`crate::node::Node::unready`] adds the rest.
#[derive(Debug, Default)]
pub struct Readiness {
    finished: AtomicBool,
    errors: RwLock<Vec<String>>,
}

impl Readiness {
    /// Records that every step of the boot is done, the node's own policy included.
    pub fn boot_finished(&self) {
        self.finished.store(true, Ordering::Release);
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
