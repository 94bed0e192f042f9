//! Texts for a terminal. What policies and callers say may hold signs that a terminal obeys: it would hide lines, change its
//! title or answer as if somebody typed.

use std::borrow::Cow;

/// Replaces the signs that a terminal obeys by ones that show them: `␛` for the escape. Tabs and the ends of lines stay.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.chars().all(|sign| shown(sign) == sign) { text.into() } else { text.chars().map(shown).collect() }
}

fn shown(sign: char) -> char {
    match sign {
        '\t' | '\r' | '\n' => sign,
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(sign)).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\u{7f}' => '\u{2421}',
        // The second set of controls, and the marks that turn the direction of a line round.
        '\u{80}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => char::REPLACEMENT_CHARACTER,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_told_nothing() {
        assert_eq!(visible("a\tb\r\nZürich 東京"), "a\tb\r\nZürich 東京");
        assert_eq!(visible("\u{1b}]0;owned\u{7}\u{1b}[2J"), "␛]0;owned␇␛[2J");
        assert_eq!(visible("\u{9b}2J \u{202e}x\u{7f}"), "\u{fffd}2J \u{fffd}x␡");
    }
}
