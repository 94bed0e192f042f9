//! One thing that is wrong, or looks wrong, in a script.

use std::fmt;

/// Something to look at, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file as it was named.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong and what to do.
    pub text: String,
    /// The line as it is written.
    pub snippet: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, text, snippet } = self;
        let margin = " ".repeat(line.to_string().len());
        let before: String =
            snippet.chars().take(column.saturating_sub(1)).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        writeln!(f, "{file}:{line}:{column}: {text}")?;
        writeln!(f, " {line} | {snippet}")?;
        write!(f, " {margin} | {before}^")
    }
}
