//! What the ledger says about the data of the network: its tables, and the nodes that hold them (reference/rest 10).

mod databases;
mod held_tables;
mod nodes;
mod rows_count;
mod servers;
mod virtual_tables;

use crate::command::engine::{Entry, Help, Parse};

/// The commands of this folder.
pub(super) const ENTRIES: &[Entry] =
    &[nodes::ENTRY, virtual_tables::ENTRY, databases::ENTRY, rows_count::ENTRY, servers::ENTRY];

/// Describes a question about the data of the network.
const fn question(
    words: &'static str,
    parse: Parse,
    usage: &'static str,
    text: &'static str,
    examples: &'static [&'static str],
) -> Entry {
    Entry::read(words, parse, Help { usage, text, examples, index: &["metadata", "data"] })
}
