//! Whether the boot is done; the node knows the rest of its readiness itself.

use std::sync::atomic::{AtomicBool, Ordering};

/// What only the boot knows about readiness; [`super::Node::unready`] adds the rest.
#[derive(Debug, Default)]
pub struct Readiness {
    finished: AtomicBool,
}

impl Readiness {
    /// Records that every step of the boot is done, the node's own policy included.
    pub fn boot_finished(&self) {
        self.finished.store(true, Ordering::Release);
    }

    /// Tells whether the boot is done.
    #[must_use]
    pub fn has_booted(&self) -> bool {
        self.finished.load(Ordering::Acquire)
    }
}
