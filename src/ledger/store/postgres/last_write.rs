//! The last write that the view shows. A number alone does not tell it: a server that lost what was committed, as a standby may
//! that was promoted, gives the same numbers to other writes.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A write of a master.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastWrite {
    /// The version that it made; 0 when there was none.
    pub version: i64,
    /// Its time, as the history has it; empty when there was none.
    pub time: String,
}

/// The last write that is shown, and on which server it was seen.
#[derive(Debug, Default)]
pub struct SeenWrite(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    write: LastWrite,
    /// Era of the connections over which it was seen.
    era: u64,
}

impl SeenWrite {
    /// Takes note of the write that is shown from now on, and of the era of the connections that told it.
    pub fn note(&self, write: LastWrite, era: u64) {
        *self.seen() = Seen { write, era };
    }

    /// Takes note of a write of this node, over the same server as before.
    pub fn wrote(&self, write: LastWrite) {
        self.seen().write = write;
    }

    /// Returns the time of the write that made a version; nothing when another one was seen.
    #[must_use]
    pub fn time(&self, version: i64) -> Option<String> {
        let seen = self.seen();
        (seen.write.version == version).then(|| seen.write.time.clone())
    }

    /// Tells whether the write was seen in this era.
    #[must_use]
    pub fn is_of(&self, era: u64) -> bool {
        self.seen().era == era
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
