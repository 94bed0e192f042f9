//! A POSIX shell that reads the file with `. FILE` and exports everything.

use super::{
    compose2::expand,
    quoting,
    reading::{Lookup, Reading},
};

/// Reads one assignment.
pub fn read(statement: &str, lookup: &Lookup<'_>) -> Reading {
    let text = statement.trim_start();
    let exported = text.strip_prefix("export").filter(|rest| rest.starts_with([' ', '\t']));
    let text = exported.unwrap_or(text).trim_start();
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let Some(text) = rest.strip_prefix('=').filter(|_| !name.is_empty()) else {
        // A word that is no assignment is a command that does not exist; a quote that stays open is an error.
        return if rest.matches('"').count() % 2 == 0 { Reading::Nothing } else { Reading::Refused };
    };
    let Some((value, behind)) = word(text, lookup) else { return Reading::Refused };
    let behind = behind.trim_start_matches([' ', '\t']);
    match behind.chars().next() {
        None | Some('\n' | '\r' | ';' | '#') => Reading::Value(value),
        Some('(' | ')' | '<' | '>') => Reading::Refused,
        // `NAME=value command` sets the variable for that command alone.
        Some(_) if exported.is_none() => Reading::Nothing,
        Some(_) => Reading::Value(value),
    }
}

/// Reads one word with its quotes and references: its value, and what stands behind it. Nothing for what this reader
/// does not follow: commands in the place of a text, and quotes that stay open.
fn word<'a>(text: &'a str, lookup: &Lookup<'_>) -> Option<(String, &'a str)> {
    let mut out = String::new();
    let mut rest = text;
    if let Some(behind) = text.strip_prefix('~').filter(|t| t.is_empty() || t.starts_with(['/', ' ', '\n'])) {
        out.push_str(&lookup("HOME").unwrap_or_default());
        rest = behind;
    }
    while let Some(c) = rest.chars().next() {
        let behind = rest.get(c.len_utf8()..)?;
        match c {
            ' ' | '\t' | '\n' | '\r' | ';' | '&' | '|' | '<' | '>' | '(' | ')' => break,
            '`' => return None,
            '\'' => {
                let (inside, after) = behind.split_once('\'')?;
                out.push_str(inside);
                rest = after;
            }
            '"' => {
                let (inside, after) = quoting::cut(behind, '"')?;
                out.push_str(&double_quoted(inside, lookup)?);
                rest = after;
            }
            '\\' => {
                let escaped = behind.chars().next()?;
                out.push(escaped);
                rest = behind.get(escaped.len_utf8()..)?;
            }
            '$' => {
                let end = reference(behind)?;
                out.push_str(&filled(behind.get(..end)?, lookup)?);
                rest = behind.get(end..)?;
            }
            c => {
                out.push(c);
                rest = behind;
            }
        }
    }
    Some((out, rest))
}

/// Reads what stands between double quotes.
fn double_quoted(text: &str, lookup: &Lookup<'_>) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let behind = rest.get(c.len_utf8()..)?;
        rest = behind;
        match c {
            '`' => return None,
            '\\' => match behind.chars().next() {
                Some(escaped @ ('$' | '`' | '"' | '\\')) => {
                    out.push(escaped);
                    rest = behind.get(1..)?;
                }
                _ => out.push('\\'),
            },
            '$' => {
                let end = reference(behind)?;
                out.push_str(&filled(behind.get(..end)?, lookup)?);
                rest = behind.get(end..)?;
            }
            c => out.push(c),
        }
    }
    Some(out)
}

/// Returns where the reference behind a `$` ends; 0 where the `$` stands for itself.
fn reference(text: &str) -> Option<usize> {
    let first = text.chars().next();
    match first {
        Some('{') => text.find('}').map(|at| at + 1),
        Some('(' | '$' | '?' | '!' | '*' | '@' | '#') => None,
        Some(c) if c.is_ascii_digit() => Some(1),
        Some(c) if c.is_ascii_alphabetic() || c == '_' => {
            Some(text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len()))
        }
        _ => Some(0),
    }
}

/// Returns what a reference stands for.
fn filled(reference: &str, lookup: &Lookup<'_>) -> Option<String> {
    if reference.starts_with(|c: char| c.is_ascii_digit()) {
        return Some(String::new());
    }
    if reference.is_empty() { Some("$".to_owned()) } else { expand(&format!("${reference}"), lookup) }
}
