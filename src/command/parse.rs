//! From the text of a command to its typed form, without running it.

use super::{Command, Error, Line, lookup};
use crate::script::{self, Form, Scope, Word};

/// Reads the text of one command; nothing when it is a value, a reference or an empty line (reference/command-language 4).
///
/// The words, the row of the table and the row's parser are those of [`run`](super::run); the caller's rights are not
/// asked, and nothing is executed: what benchmarks measure and fuzzing feeds.
///
/// # Errors
/// When the text cannot be cut into words, names no command, or the command's words are wrong.
pub fn parse(text: &str, scope: &dyn Scope) -> Result<Option<Command>, Error> {
    let words = script::words(text)?;
    match Form::of(&words) {
        Form::Nothing | Form::Reference(_) | Form::Concatenation(_) => Ok(None),
        Form::Assignment { key, words } => row(words, Some(&key.text), scope),
        Form::Command(words) => match row(words, None, scope)? {
            None => Err(lookup::unknown(words)),
            command => Ok(command),
        },
    }
}

/// Finds the row of the table that words begin with and parses the line with it.
fn row(words: &[Word], assigned: Option<&str>, scope: &dyn Scope) -> Result<Option<Command>, Error> {
    let before = if assigned.is_some() { 2 } else { 0 };
    let Some((entry, named)) = lookup::find(words, before)? else { return Ok(None) };
    (entry.parse)(&Line { words, named, assigned, scope }).map(Some)
}
