//! One command as words, with the scope that resolves its references.

use crate::{
    command::engine::Catalog,
    script::{Scope, Word},
};

/// The words of one command.
pub struct Line<'a> {
    /// All words, the command's own included and without a leading `x =`.
    pub words: &'a [Word],
    /// Number of words that select the command.
    pub named: usize,
    /// The key of the assignment form `key = command`.
    pub assigned: Option<&'a str>,
    /// The commands of the node, for those that are about commands.
    pub catalog: &'static Catalog,
    /// Resolves `!name` and `$NAME`.
    pub scope: &'a dyn Scope,
}

impl<'a> Line<'a> {
    /// Returns the words after the command's own.
    #[must_use]
    pub fn arguments(&self) -> &'a [Word] {
        self.words.get(self.named..).unwrap_or_default()
    }
}
