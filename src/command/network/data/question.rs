//! What all questions about the data of the network have in common.

use crate::command::engine::{Access, Entry, Help, Parse};

/// Describes a question about the data of the network.
pub(super) const fn question(
    words: &'static str,
    parse: Parse,
    usage: &'static str,
    text: &'static str,
    examples: &'static [&'static str],
) -> Entry {
    Entry::read(words, parse, Help { usage, text, examples, index: &["metadata", "data"] }).reaching(Access::ReadLedger)
}
