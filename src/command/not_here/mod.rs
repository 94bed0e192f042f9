//! Commands of services that a master does not have: their known answers, and where they belong instead.

mod answer;
mod table;

use crate::command::engine::Entry;

/// The commands of this family.
pub const ENTRIES: &[&[Entry]] = table::ENTRIES;
