//! Where references get their values from.

/// Resolves references (reference/command-language 3).
pub trait Scope: Sync {
    /// Returns the text of `!name`.
    fn variable(&self, name: &str) -> Option<String>;
    /// Returns the text of `$NAME`.
    fn environment(&self, name: &str) -> Option<String>;
}
