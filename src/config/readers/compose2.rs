//! Compose v2, which reads with the dotenv of compose-go and fills in references by its template rules.

use super::{
    quoting,
    reading::{Lookup, Reading},
};

/// Reads one assignment.
pub fn read(statement: &str, lookup: &Lookup<'_>) -> Reading {
    let text = statement.trim_start();
    let text = text.strip_prefix("export").filter(|rest| rest.starts_with([' ', '\t'])).unwrap_or(text).trim_start();
    let Some(end) = text.find(['=', ':', '\n']) else {
        return if is_name(text) { Reading::Nothing } else { Reading::Refused };
    };
    let (name, rest) = text.split_at(end);
    if !is_name(name) || rest.starts_with('\n') {
        return Reading::Refused;
    }
    let text = rest.get(1..).unwrap_or_default().trim_start_matches([' ', '\t', '\r']);
    let template = match quoting::opened(text) {
        None => {
            let line = text.split('\n').next().unwrap_or_default();
            line.split(" #").next().unwrap_or_default().trim_end().to_owned()
        }
        Some((quote, text)) => match quoting::cut(text, quote) {
            Some((inside, behind)) if may_follow(behind) => {
                if quote == '\'' {
                    return Reading::Value(inside.replace("\\'", "'"));
                }
                unescaped(inside)
            }
            _ => return Reading::Refused,
        },
    };
    expand(&template, lookup).map_or(Reading::Refused, Reading::Value)
}

/// Tells whether a name is one: letters, digits and `_.-[]`, with blanks at its end alone.
fn is_name(name: &str) -> bool {
    let name = name.trim_end();
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_.-[]".contains(c))
}

/// Tells whether what follows a closing quote is another statement to this reader, or its end.
fn may_follow(behind: &str) -> bool {
    let behind = behind.trim_start();
    quoting::is_end(behind) || is_name(behind.split(['=', ':', '\n']).next().unwrap_or_default())
}

/// Decodes the escapes of a double-quoted text; `\$` becomes `$$`, which the template rules read as one `$`.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match rest.next() {
            Some('$') => out.push_str("$$"),
            Some(escaped) => match escape(escaped) {
                Some(decoded) => out.push(decoded),
                None => out.extend(['\\', escaped]),
            },
            None => out.push('\\'),
        }
    }
    out
}

/// Returns what a letter stands for behind a backslash in double quotes.
pub const fn escape(c: char) -> Option<char> {
    match c {
        '\\' | '"' => Some(c),
        'a' => Some('\u{7}'),
        'b' => Some('\u{8}'),
        'f' => Some('\u{c}'),
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        'v' => Some('\u{b}'),
        _ => None,
    }
}

/// Fills in `$NAME`, `${NAME}` and `${NAME:-default}` with its relatives (`-`, `:+`, `+`, `:?`, `?`); `$$` is one `$`.
/// Nothing when a reference in braces is none, or a variable that must be set is not.
pub fn expand(template: &str, lookup: &Lookup<'_>) -> Option<String> {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        if let Some(behind) = after.strip_prefix('$') {
            out.push('$');
            rest = behind;
        } else if let Some(inside) = after.strip_prefix('{') {
            let (reference, behind) = closed(inside)?;
            out.push_str(&braced(reference, lookup)?);
            rest = behind;
        } else {
            let (name, behind) = name_of(after);
            out.push_str(&if name.is_empty() { "$".to_owned() } else { lookup(name).unwrap_or_default() });
            rest = behind;
        }
    }
    out.push_str(rest);
    Some(out)
}

/// Cuts at the brace that closes, past those of references inside.
fn closed(inside: &str) -> Option<(&str, &str)> {
    let mut depth = 1_usize;
    for (at, c) in inside.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((inside.get(..at)?, inside.get(at + 1..)?));
        }
    }
    None
}

/// Cuts the name of a variable off the beginning; it may be empty.
fn name_of(text: &str) -> (&str, &str) {
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    text.split_at(if starts { end } else { 0 })
}

/// Reads what stands between the braces of a reference.
fn braced(reference: &str, lookup: &Lookup<'_>) -> Option<String> {
    let (name, rest) = name_of(reference);
    let value = lookup(name);
    if name.is_empty() {
        return None;
    }
    if rest.is_empty() {
        return Some(value.unwrap_or_default());
    }
    let (value, rest) = match rest.strip_prefix(':') {
        Some(rest) => (value.filter(|value| !value.is_empty()), rest),
        None => (value, rest),
    };
    let operator = rest.chars().next()?;
    let word = expand(rest.get(1..)?, lookup)?;
    match (operator, value) {
        ('-' | '?', Some(value)) => Some(value),
        ('-', None) | ('+', Some(_)) => Some(word),
        ('+', None) => Some(String::new()),
        _ => None,
    }
}
