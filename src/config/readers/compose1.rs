//! docker-compose 1.29, which reads with python-dotenv 0.21.

use super::{
    quoting,
    reading::{Lookup, Reading},
};

/// Reads one assignment.
pub fn read(statement: &str, lookup: &Lookup<'_>) -> Reading {
    let text = statement.trim_start();
    let text = text.strip_prefix("export").filter(|rest| rest.starts_with([' ', '\t'])).unwrap_or(text).trim_start();
    let end = text.find(|c: char| c == '=' || c == '#' || c.is_whitespace()).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let rest = rest.trim_start_matches([' ', '\t']);
    let Some(text) = rest.strip_prefix('=').filter(|_| !name.is_empty()) else { return Reading::Nothing };
    let text = text.trim_start_matches([' ', '\t']);
    match quoting::opened(text) {
        None => Reading::Value(interpolated(unquoted(text), lookup)),
        Some((quote, text)) => match cut(text, quote) {
            Some((inside, behind)) if quoting::is_end(behind) => {
                Reading::Value(interpolated(&unescaped(inside, quote), lookup))
            }
            _ => Reading::Nothing,
        },
    }
}

/// As [`quoting::cut`], but where no other quote follows, an escaped one closes after all.
fn cut(text: &str, quote: char) -> Option<(&str, &str)> {
    let pairs = text.match_indices('\\').filter(|(at, _)| text.get(at + 1..).is_some_and(|t| t.starts_with(quote)));
    let pairs: Vec<usize> = pairs.map(|(at, _)| at + 1).collect();
    let closing = text.match_indices(quote).map(|(at, _)| at).find(|at| !pairs.contains(at));
    let at = closing.or_else(|| pairs.last().copied())?;
    Some((text.get(..at)?, text.get(at + quote.len_utf8()..)?))
}

/// Cuts an unquoted text where blanks and `#` follow.
fn unquoted(text: &str) -> &str {
    let line = text.split(['\r', '\n']).next().unwrap_or_default();
    let comment = line.match_indices('#').find(|(at, _)| line.get(..*at).is_some_and(|t| t.ends_with([' ', '\t'])));
    comment.and_then(|(at, _)| line.get(..at)).unwrap_or(line).trim_end()
}

/// Decodes the escapes that python-dotenv knows in each kind of quotes.
fn unescaped(text: &str, quote: char) -> String {
    let mut out = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let decoded = rest.peek().filter(|_| c == '\\').and_then(|next| escape(*next, quote));
        if decoded.is_some() {
            rest.next();
        }
        out.push(decoded.unwrap_or(c));
    }
    out
}

const fn escape(c: char, quote: char) -> Option<char> {
    match c {
        '\\' | '\'' => Some(c),
        _ if quote == '\'' => None,
        '"' => Some('"'),
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

/// Fills in `${NAME}` and `${NAME:-default}`, in every kind of quotes; other forms stay.
fn interpolated(text: &str, lookup: &Lookup<'_>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        let found = after.split_once('}').and_then(|(inside, behind)| match inside.split_once(':') {
            None => Some((inside, "", behind)),
            Some((name, default)) => Some((name, default.strip_prefix('-')?, behind)),
        });
        match found {
            Some((name, default, behind)) => {
                out.push_str(&lookup(name).unwrap_or_else(|| default.to_owned()));
                rest = behind;
            }
            None => {
                out.push_str("${");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}
