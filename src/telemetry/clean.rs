//! What callers sent, made harmless for terminals and for readers of lines.

use std::{borrow::Cow, fmt::Write, iter::Peekable, str::Chars};

const ESCAPE: char = '\u{1b}';
/// Begins a sequence as `ESC [` does, in one character.
const CSI: char = '\u{9b}';

/// Removes the sequences that steer terminals and writes other control characters as `\x07`; line ends stay, as `\n`.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| c.is_control() && c != '\n') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            ESCAPE => skip_sequence(&mut rest),
            CSI => skip_parameters(&mut rest),
            '\r' if rest.peek() == Some(&'\n') => {}
            '\n' | '\t' => out.push(c),
            c if c.is_control() => {
                // Writing to a string does not fail.
                let _written = write!(out, "\\x{:02x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Skips what stands behind an escape character.
fn skip_sequence(rest: &mut Peekable<Chars<'_>>) {
    match rest.peek() {
        Some('[') => {
            rest.next();
            skip_parameters(rest);
        }
        // Titles and links: up to BEL or `ESC \`.
        Some(']' | 'P' | '^' | '_' | 'X') => {
            while let Some(c) = rest.next() {
                match c {
                    '\u{7}' | '\u{9c}' => return,
                    ESCAPE => {
                        rest.next_if_eq(&'\\');
                        return;
                    }
                    _ => {}
                }
            }
        }
        Some(c) if !c.is_control() => {
            rest.next();
        }
        _ => {}
    }
}

/// Skips parameters up to the letter that ends them.
fn skip_parameters(rest: &mut Peekable<Chars<'_>>) {
    while let Some(c) = rest.next_if(|c| matches!(c, ' '..='~')) {
        if matches!(c, '@'..='~') {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_go_and_control_characters_are_named() {
        assert_eq!(clean("plain ü\ttext"), "plain ü\ttext");
        assert_eq!(clean("\x1b[31mred\x1b[0m \x1b]0;title\x07x\x1b]8;;u\x1b\\y"), "red xy");
        assert_eq!(clean("a\u{9b}2Jb\x1bcd\x07"), "abd\\x07");
        assert_eq!(clean("a\r\nb\rc"), "a\nb\\x0dc");
        assert_eq!(clean("\x1b["), "");
        assert_eq!(clean("\x1b]never ends"), "");
    }
}
