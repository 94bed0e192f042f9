//! The order of the ledger.

use crate::ledger::view::entry::LedgerEntry;
use std::{cmp::Ordering, sync::Arc};

/// An entry that compares by its position in the ledger: `date`, then `sequence_id` (reference/ledger 4.4).
#[derive(Clone, Debug)]
pub struct InLedgerOrder(pub Arc<LedgerEntry>);

impl PartialEq for InLedgerOrder {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for InLedgerOrder {}

impl PartialOrd for InLedgerOrder {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for InLedgerOrder {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.compare(&other.0)
    }
}
