//! What prompts carry out themselves, and what they ask a node while somebody types.

mod completions;
mod paging;
mod watch;

use crate::{
    command::engine::Entry,
    reply::{Code, Error},
};

/// The commands of this family, file by file.
pub const ENTRIES: &[&[Entry]] = &[watch::ENTRIES, paging::ENTRIES, completions::ENTRIES];

/// The answer where there is no prompt that would carry a command out.
fn only_at_prompts(words: &str) -> Error {
    let detail = format!(
        "'{words}' is carried out by a prompt, for who sits at it: the node's own terminal or 'anylog-master prompt'"
    );
    Error::with(Code::STRUCTURE, detail)
}
