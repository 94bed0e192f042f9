//! From the text of a command to its typed form, without running it.

use crate::{
    command::engine::{Catalog, Command, Line},
    reply::Error,
    script::{self, Form, Scope, Word},
};

/// Reads the text of one command; nothing when it is a value, a reference or an empty line (reference/command-language 4).
///
/// The words, the entry and its parser are those of [`run`](crate::command::run); the caller's rights are not
/// asked, and nothing is executed: what benchmarks measure and fuzzing feeds.
///
/// # Errors
/// When the text cannot be cut into words, names no command, or the command's words are wrong.
pub fn parse(catalog: &'static Catalog, text: &str, scope: &dyn Scope) -> Result<Option<Box<dyn Command>>, Error> {
    let words = script::words(text)?;
    match Form::of(&words) {
        Form::Nothing | Form::Reference(_) | Form::Concatenation(_) => Ok(None),
        Form::Assignment { key, words } => with_entry(catalog, words, Some(&key.text), scope),
        Form::Command(words) => match with_entry(catalog, words, None, scope)? {
            None => Err(catalog.unknown(words)),
            command => Ok(command),
        },
    }
}

/// Finds the entry that words begin with and parses the line with it.
fn with_entry(
    catalog: &'static Catalog,
    words: &[Word],
    assigned: Option<&str>,
    scope: &dyn Scope,
) -> Result<Option<Box<dyn Command>>, Error> {
    let before = if assigned.is_some() { 2 } else { 0 };
    let Some((entry, named)) = catalog.find(words, before)? else { return Ok(None) };
    (entry.parse)(&Line { words, named, assigned, scope, catalog }).map(Some)
}
