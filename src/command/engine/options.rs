//! The `where` part that most commands end with.

use crate::{
    command::engine::Line,
    reply::{Code, Error},
    script::{Arguments, Key, where_list},
};

/// Form in which a result is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OutputFormat {
    /// Text or table.
    #[default]
    Table,
    /// One line of JSON.
    Json,
}

/// Reads `where key = value and …` after the command's own words; without it every optional key is absent.
///
/// # Errors
/// Code 2 for a key or value that the command does not know.
pub fn options(line: &Line<'_>, schema: &[Key]) -> Result<Arguments, Error> {
    options_after(line, 0, schema)
}

/// Reads the `where` part that follows some arguments of the command.
///
/// # Errors
/// Code 2 for a key or value that the command does not know.
pub fn options_after(line: &Line<'_>, arguments: usize, schema: &[Key]) -> Result<Arguments, Error> {
    match line.arguments().get(arguments..).unwrap_or_default() {
        [] => Ok(where_list(&[], line.scope, schema)?),
        [first, rest @ ..] if first.text == "where" && !rest.is_empty() => Ok(where_list(rest, line.scope, schema)?),
        [first, ..] => Err(Error::with(Code::STRUCTURE, format!("'{}' is not expected here", first.text))),
    }
}

/// Returns the form that `format = table|json` asks for.
#[must_use]
pub fn format(arguments: &Arguments) -> OutputFormat {
    if arguments.text("format") == Some("json") { OutputFormat::Json } else { OutputFormat::Table }
}

/// Reads the options of a command that takes no other than `format = table|json`.
///
/// # Errors
/// Code 2 for another key or another format.
pub fn only_format(line: &Line<'_>) -> Result<OutputFormat, Error> {
    options(line, &[Key::format("format")]).map(|arguments| format(&arguments))
}

/// Refuses words after the command's own.
///
/// # Errors
/// Code 2 when there are some.
pub fn nothing_more(line: &Line<'_>) -> Result<(), Error> {
    match line.arguments() {
        [] => Ok(()),
        [first, ..] => Err(Error::with(Code::STRUCTURE, format!("'{}' is not expected here", first.text))),
    }
}

/// Returns the resolved text of the only argument.
///
/// # Errors
/// Code 2 when there is none or more than one.
pub fn one_word(line: &Line<'_>, what: &str) -> Result<String, Error> {
    match line.arguments() {
        [word] => Ok(resolved(line, &word.text)),
        [] => Err(Error::with(Code::STRUCTURE, format!("{what} is missing"))),
        [_, second, ..] => Err(Error::with(Code::STRUCTURE, format!("'{}' is not expected here", second.text))),
    }
}

/// Returns a word with its reference resolved, empty when it is undefined.
#[must_use]
pub fn resolved(line: &Line<'_>, word: &str) -> String {
    crate::script::resolve(word, line.scope).into_text()
}

/// Reads `on` or `off` as the only argument.
///
/// # Errors
/// The given code for anything else.
pub fn on_or_off(line: &Line<'_>, code: Code) -> Result<bool, Error> {
    match line.arguments() {
        [word] if word.text == "on" => Ok(true),
        [word] if word.text == "off" => Ok(false),
        [] => Err(Error::with(Code::STRUCTURE, "write on or off")),
        _ => Err(Error::with(code, "write on or off")),
    }
}
