//! What a reader makes of an assignment.

/// Looks up what a reference stands for.
pub type Lookup<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// What a reader makes of one assignment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The variable has this value.
    Value(String),
    /// The line sets nothing.
    Nothing,
    /// The reader refuses the whole file.
    Refused,
}
