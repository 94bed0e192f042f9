//! Where the database put the rows of a transaction.

use crate::ledger::store::batch::PlacedRow;
use std::collections::HashMap;

/// The written rows by id.
#[derive(Default)]
pub struct Placements(HashMap<String, PlacedRow>);

impl Placements {
    /// Returns where the row with an id was put; nothing for a policy that is no row.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&PlacedRow> {
        self.0.get(id)
    }
}

impl From<Vec<PlacedRow>> for Placements {
    fn from(placed: Vec<PlacedRow>) -> Self {
        Self(placed.into_iter().map(|row| (row.id.clone(), row)).collect())
    }
}
