//! Where references get their values from.

/// Resolves references (reference/command-language 3).
pub trait Scope: Sync {
    /// Returns the text of `!name`.
    fn variable(&self, name: &str) -> Option<String>;
    /// Returns the text of `$NAME`.
    fn environment(&self, name: &str) -> Option<String>;
    /// Tells whether references are bound: what stands behind one is a text that is never read again, neither as a
    /// reference, nor as a list, nor as JSON. Scripts of the network read it again, so this is not the rule.
    fn binds(&self) -> bool {
        false
    }
}

/// A scope in which no reference is defined: for words that come from a program.
#[derive(Clone, Copy, Debug)]
pub struct NoVariables;

impl Scope for NoVariables {
    fn variable(&self, _name: &str) -> Option<String> {
        None
    }

    fn environment(&self, _name: &str) -> Option<String> {
        None
    }
}
