//! The brackets of a command: which closes which, and how many are open. Brackets inside JSON strings do not count
//! (reference/ledger 1.5).

/// Returns the place of the bracket that closes the one at `from`.
///
/// A text whose quotes do not match, `{width 5"}`, is counted without regard to them.
pub fn closing(text: &str, from: usize, open: u8, close: u8) -> Option<usize> {
    let bytes = text.as_bytes().get(from..)?;
    closes(outside_strings(bytes), open, close)
        .or_else(|| closes(bytes.iter().copied().enumerate(), open, close))
        .map(|at| from + at)
}

/// Returns how many braces and square brackets a text opens beyond those it closes.
pub fn open_in(text: &str) -> isize {
    outside_strings(text.as_bytes())
        .map(|(_, byte)| isize::from(matches!(byte, b'{' | b'[')) - isize::from(matches!(byte, b'}' | b']')))
        .sum()
}

fn closes(bytes: impl Iterator<Item = (usize, u8)>, open: u8, close: u8) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in bytes {
        if byte == open {
            depth += 1;
        } else if byte == close {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

/// Returns the bytes that are in no JSON string, with their places. A quote begins a string where JSON has one: behind a
/// bracket, a comma or a colon.
fn outside_strings(bytes: &[u8]) -> impl Iterator<Item = (usize, u8)> {
    let (mut string, mut escaped, mut before) = (None, false, 0);
    bytes.iter().copied().enumerate().filter(move |(_, byte)| {
        if let Some(quote) = string {
            if escaped {
                escaped = false;
            } else if *byte == b'\\' {
                escaped = true;
            } else if *byte == quote {
                string = None;
            }
            return false;
        }
        if matches!(byte, b'"' | b'\'') && matches!(before, b'{' | b'[' | b',' | b':') {
            string = Some(*byte);
            before = *byte;
            return false;
        }
        if !byte.is_ascii_whitespace() {
            before = *byte;
        }
        true
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn braces(text: &str) -> Option<usize> {
        closing(text, 0, b'{', b'}')
    }

    #[test]
    fn brackets_in_strings_do_not_count() {
        assert_eq!(braces(r#"{"a": "}", "b": "|{"} x"#), Some(20));
        assert_eq!(braces(r#"{'a': 'x{', "b": ["\"}"]}"#), Some(24));
        assert_eq!(open_in(r#"x = {"a": "}}","#), 1);
        assert_eq!(open_in("  [1, {"), 2);
    }

    #[test]
    fn a_quote_that_opens_no_string_is_a_character() {
        assert_eq!(braces(r#"{it's 5" wide} {"#), Some(13));
        assert_eq!(braces(r#"{"a} x"#), Some(3));
        assert_eq!(braces(r#"{\"a\" : \"b\"}"#), Some(14));
        assert_eq!(braces("{a: {b}"), None);
    }
}
