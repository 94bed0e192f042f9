//! What the readers have in common: where a quoted text ends.

/// Cuts a text behind its opening quote at the closing one: what stands between, and what stands behind. A quote after a
/// backslash does not close.
pub fn cut(text: &str, quote: char) -> Option<(&str, &str)> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return Some((text.get(..at)?, text.get(at + c.len_utf8()..)?)),
            _ => {}
        }
    }
    None
}

/// Returns the quote that a text begins with, and the text behind it.
pub fn opened(text: &str) -> Option<(char, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    Some((quote, text.get(1..)?))
}

/// Tells whether nothing but a comment stands behind a value.
pub fn is_end(text: &str) -> bool {
    let text = text.trim_start();
    text.is_empty() || text.starts_with('#')
}
