//! The brackets of a command: which closes which, and how many are open. Brackets inside JSON strings do not count
//! (reference/ledger 1.5).

/// How often each byte of a text may be looked at, on the average, while its strings are minded.
const PATIENCE: usize = 8;
/// What may be looked at beyond that, so that short texts need not count.
const SPARE: usize = 4096;

/// The brackets of one text, which is read once from its beginning to its end.
#[derive(Debug)]
pub struct Brackets<'a> {
    text: &'a str,
    /// Bytes that may still be looked at with regard to strings. Where the quotes do not match, each bracket is looked
    /// at up to the end of the text for nothing: two megabytes of such brackets would take minutes.
    patience: usize,
}

impl<'a> Brackets<'a> {
    /// Begins a text.
    pub const fn new(text: &'a str) -> Self {
        Self { text, patience: text.len().saturating_mul(PATIENCE).saturating_add(SPARE) }
    }

    /// Returns the place of the bracket that closes the one at `from`.
    ///
    /// A text whose quotes do not match, `{width 5"}`, is counted without regard to them. So is what follows when the
    /// patience is used up, which no text of people does. That count needs no limit: behind the bracket that it finds
    /// the text goes on, and where it finds none the text is refused.
    pub fn closing(&mut self, from: usize, open: u8, close: u8) -> Option<usize> {
        let bytes = self.text.as_bytes().get(from..)?;
        let minded = bytes.get(..self.patience).unwrap_or(bytes);
        let found = closes(outside_strings(minded), open, close);
        self.patience = self.patience.saturating_sub(found.map_or(minded.len(), |at| at + 1));
        found.or_else(|| closes(bytes.iter().copied().enumerate(), open, close)).map(|at| from + at)
    }

    /// Returns the end of a chain of square brackets, `[a][b]:[c]`, that starts at `from`.
    pub fn chain_end(&mut self, from: usize) -> Option<usize> {
        let mut end = self.closing(from, b'[', b']')?;
        loop {
            let byte = |at: usize| self.text.as_bytes().get(at);
            let next = match (byte(end + 1), byte(end + 2)) {
                (Some(b'['), _) => end + 1,
                (Some(b':'), Some(b'[')) => end + 2,
                _ => return Some(end),
            };
            end = self.closing(next, b'[', b']')?;
        }
    }
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
        Brackets::new(text).closing(0, b'{', b'}')
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

    #[test]
    fn brackets_whose_quotes_do_not_match_are_looked_at_up_to_the_end_only_so_often() {
        let text = r#"{"}'"{{x'"#.repeat(1000);
        let mut brackets = Brackets::new(&text);
        let all = brackets.patience;
        assert_eq!((all, brackets.closing(0, b'{', b'}')), (text.len() * PATIENCE + SPARE, Some(2)));
        assert_eq!(brackets.patience, all - text.len());
        // Where it is used up, the strings are no longer minded, and nothing is looked at twice.
        let places: Vec<usize> = text.match_indices("{\"").map(|(at, _)| at).collect();
        assert!(places.iter().all(|at| brackets.closing(*at, b'{', b'}') == Some(at + 2)));
        assert_eq!(brackets.patience, 0);
    }
}
