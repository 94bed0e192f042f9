//! The answer where there is no prompt that would carry a command out.

use crate::reply::{Code, Error};

/// Says who carries a command out.
pub(super) fn only_at_prompts(words: &str) -> Error {
    let detail = format!(
        "'{words}' is carried out by a prompt, for who sits at it: the node's own terminal or 'anylog-master prompt'"
    );
    Error::with(Code::STRUCTURE, detail)
}
