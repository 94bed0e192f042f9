//! Commands that a prompt carries out itself: they are about what people see, not about the node.

use std::time::Duration;

/// What a prompt does itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PromptAct {
    /// It runs a command again and again, and shows what it answers in one place.
    Watch {
        /// The command.
        command: String,
        /// From the beginning of one run to the beginning of the next.
        every: Duration,
    },
    /// It shows long answers page by page, or all at once.
    Paging(bool),
}
