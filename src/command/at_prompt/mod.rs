//! What prompts carry out themselves, and what they ask a node while somebody types.

mod completions;
mod paging;
mod refusal;
mod watch;

use crate::command::engine::Entry;

/// The commands of this family, file by file.
pub const ENTRIES: &[&[Entry]] = &[watch::ENTRIES, paging::ENTRIES, completions::ENTRIES];
