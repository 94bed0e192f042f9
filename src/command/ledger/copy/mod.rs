//! The ledger as a whole: exports, the local copy, the table, and where copies come from (reference/ledger 6).

pub(super) mod delete_file;
pub(super) mod load;
pub(super) mod pull;
pub(super) mod seed;
pub(super) mod start_from;
pub(super) mod switch_network;
pub(super) mod table;
pub(super) mod update;

use crate::command::engine::{Entry, Exchange, Help, Parse, Traits};

/// Describes a command that people of this node and REST callers with all rights may run.
const fn admin_entry(
    words: &'static str,
    parse: Parse,
    usage: &'static str,
    text: &'static str,
    examples: &'static [&'static str],
) -> Entry {
    let help = Help { usage, text, examples, index: &["blockchain", "metadata"] };
    Entry::change(words, parse, help).with(Traits::CHANGE.over_tcp(Exchange::LedgerChange)).not_for_peers()
}
