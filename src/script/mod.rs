//! The command language: words, references, `where` lists, conditions, control flow. Pure; no node needed.

/// Resolves references (spec/command-language 3).
pub trait Scope: Sync {
    /// Returns the text of `!name`.
    fn variable(&self, name: &str) -> Option<String>;
    /// Returns the text of `$NAME`.
    fn environment(&self, name: &str) -> Option<String>;
}

/// One word of a command (spec/command-language 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The text as the command sees it.
    pub text: String,
    /// How it was written.
    pub kind: WordKind,
}

/// How a word was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordKind {
    /// A run of characters, quotes kept, braces, brackets or parentheses.
    Plain,
    /// Written in double quotes, which are removed.
    Quoted,
    /// `=`, `==`, `!=`, `<`, `>`, `<=`, `>=`, `+`, `->`.
    Operator,
}
