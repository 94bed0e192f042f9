//! What the ledger says about the data of the network: its tables, and the nodes that hold them (reference/rest 10).

mod databases;
mod held_tables;
mod nodes;
mod question;
mod rows_count;
mod servers;
mod virtual_tables;

use crate::command::engine::Entry;

/// The commands of this folder.
pub(super) const ENTRIES: &[Entry] =
    &[nodes::ENTRY, virtual_tables::ENTRY, databases::ENTRY, rows_count::ENTRY, servers::ENTRY];
