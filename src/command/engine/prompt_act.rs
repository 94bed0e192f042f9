//! Commands that a prompt carries out itself: they are about what people see, not about the node.

use crate::{
    command::engine::{Line, Selection},
    reply::Error,
    script::Scope,
};
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

impl Selection<'_> {
    /// Returns what a prompt does itself instead of running the text; nothing for every other text, and for one whose words
    /// are wrong, which is told when it runs.
    ///
    /// # Errors
    /// What is wrong with the words of a command that only a prompt carries out.
    pub fn prompt_act(&self, scope: &dyn Scope) -> Result<Option<PromptAct>, Error> {
        let Some((entry, named)) = self.found.filter(|(entry, _)| entry.traits.at_prompt) else { return Ok(None) };
        let line = Line { words: self.words(), named, assigned: None, scope, catalog: self.catalog };
        Ok((entry.parse)(&line)?.prompt_act())
    }
}
