//! Cuts the text of a command into words (reference/command-language 2).

use super::{Error, Word, WordKind, bracket::Brackets};

/// Cuts the first command of a text into words; a comment ends it, an `&` too.
///
/// # Errors
/// When a parenthesis, bracket or quote has no match.
pub fn words(text: &str) -> Result<Vec<Word>, Error> {
    first_command(text).map(|(words, _)| words)
}

/// Cuts the first command of a text into words and returns the text behind its `&`, if there is one.
///
/// # Errors
/// When a parenthesis, bracket or quote has no match.
pub fn first_command(text: &str) -> Result<(Vec<Word>, Option<&str>), Error> {
    let words = Vec::with_capacity(4 + text.len().min(4096) / 5);
    let mut scanner = Scanner { text, at: 0, brackets: Brackets::new(text), plain: None, words, rest: None };
    while let Some(byte) = scanner.peek(0) {
        if !scanner.step(byte)? {
            break;
        }
    }
    scanner.end_plain();
    Ok((scanner.words, scanner.rest))
}

/// Cuts a line of the prompt at every `&`, inside quotes too (reference/command-language 2.4).
pub fn pieces(line: &str) -> impl Iterator<Item = &str> {
    line.split('&')
}

/// Reads a text byte by byte; every byte that steers it is ASCII.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
    brackets: Brackets<'a>,
    /// Start of the plain word that is being read.
    plain: Option<usize>,
    words: Vec<Word>,
    rest: Option<&'a str>,
}

impl<'a> Scanner<'a> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn part(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }

    fn tail(&self, from: usize) -> &'a str {
        self.text.get(from..).unwrap_or_default()
    }

    fn push(&mut self, text: &str, kind: WordKind) {
        self.words.push(Word { text: text.to_owned(), kind });
    }

    fn end_plain(&mut self) {
        if let Some(from) = self.plain.take() {
            self.push(self.part(from, self.at), WordKind::Plain);
        }
    }

    /// Takes what starts at the current byte; false when the command ends here.
    fn step(&mut self, byte: u8) -> Result<bool, Error> {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => {
                self.end_plain();
                self.at += 1;
            }
            b'=' | b'+' | b'<' | b'>' => self.operator(byte),
            b'!' if self.peek(1) == Some(b'=') => self.operator(byte),
            b'{' => self.braces()?,
            b'[' => self.brackets()?,
            b'(' => self.parentheses()?,
            b'&' => {
                self.end_plain();
                self.rest = Some(self.tail(self.at + 1)).filter(|rest| !rest.trim().is_empty());
                return Ok(false);
            }
            b'#' if self.plain.is_none() => return Ok(false),
            b'"' | b'\'' | b'`' if self.plain.is_none() => self.quoted(byte)?,
            b'\\' if self.plain.is_none() && self.escaped() => {}
            _ => {
                self.plain.get_or_insert(self.at);
                let rest = self.text.as_bytes().get(self.at + 1..).unwrap_or_default();
                self.at += 1 + rest.iter().position(|byte| steers(*byte)).unwrap_or(rest.len());
            }
        }
        Ok(true)
    }

    fn operator(&mut self, byte: u8) {
        let is_arrow = byte == b'>' && self.plain.is_some_and(|from| self.part(from, self.at) == "-");
        if is_arrow {
            self.plain = None;
            self.push("->", WordKind::Operator);
            self.at += 1;
            return;
        }
        self.end_plain();
        let length = if byte != b'+' && self.peek(1) == Some(b'=') { 2 } else { 1 };
        self.push(self.part(self.at, self.at + length), WordKind::Operator);
        self.at += length;
    }

    /// Reads `{…}`: one word; `name{}` as the first word stays one word.
    fn braces(&mut self) -> Result<(), Error> {
        let from = self.at;
        let touches = self.plain.is_some();
        self.end_plain();
        let end = self.brackets.closing(from, b'{', b'}');
        let end = end.ok_or_else(|| Error::Brackets(shortened(self.tail(from))))?;
        let text = self.part(from, end + 1).replace('\t', " ");
        match self.words.as_mut_slice() {
            [name] if touches && text == "{}" => name.text.push_str("{}"),
            _ => self.words.push(Word::plain(text)),
        }
        self.at = end + 1;
        Ok(())
    }

    /// Reads `[…]` with what touches it: `name[a]`, `[a][b]`, `[a]:[b]`.
    fn brackets(&mut self) -> Result<(), Error> {
        let from = self.plain.take().unwrap_or(self.at);
        let end = self.brackets.chain_end(self.at);
        let end = end.ok_or_else(|| Error::Brackets(shortened(self.tail(from))))?;
        self.words.push(Word::plain(self.part(from, end + 1).replace('\t', " ")));
        self.at = end + 1;
        Ok(())
    }

    /// Reads `(…)`: a word of its own, or a part of the plain word that it touches.
    fn parentheses(&mut self) -> Result<(), Error> {
        let from = self.at;
        let end = self.brackets.closing(from, b'(', b')');
        let end = end.ok_or_else(|| Error::Parenthesis(self.tail(from).to_owned()))?;
        if self.plain.is_none() {
            self.push(self.part(from, end + 1), WordKind::Plain);
        }
        self.at = end + 1;
        Ok(())
    }

    fn quoted(&mut self, quote: u8) -> Result<(), Error> {
        let from = self.at;
        let Some(length) = self.tail(from + 1).bytes().position(|byte| byte == quote) else {
            let offset = self.part(0, from).chars().count() + 1;
            return Err(if quote == b'"' { Error::DoubleQuotes(offset) } else { Error::SingleQuotes(offset) });
        };
        let end = from + 1 + length;
        match quote {
            b'"' => self.push(self.part(from + 1, end), WordKind::Quoted),
            _ => self.push(self.part(from, end + 1), WordKind::Plain),
        }
        self.at = end + 1;
        Ok(())
    }

    /// Reads `\"…\"`, which is kept with its marks; false when this is something else.
    fn escaped(&mut self) -> bool {
        let from = self.at;
        let Some(length) = self.tail(from).strip_prefix("\\\"").and_then(|rest| rest.find("\\\"")) else {
            return false;
        };
        let end = from + 2 + length + 2;
        self.push(self.part(from, end), WordKind::Plain);
        self.at = end;
        true
    }
}

/// Tells whether a byte inside a plain word ends it or changes how it is read.
const fn steers(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'=' | b'+' | b'<' | b'>' | b'!' | b'{' | b'[' | b'(' | b'&')
}

/// Shortens a text for an error message.
fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::joined;

    fn texts(text: &str) -> Vec<String> {
        words(text).unwrap().into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn operators_need_no_blanks() {
        assert_eq!(texts("a=b"), ["a", "=", "b"]);
        assert_eq!(texts("!n<=5"), ["!n", "<=", "5"]);
        assert_eq!(texts("x==y!=z"), ["x", "==", "y", "!=", "z"]);
        assert_eq!(texts("x -> y->z"), ["x", "->", "y-", ">", "z"]);
    }

    #[test]
    fn quotes_count_at_the_start_of_a_word() {
        assert_eq!(texts("a = \"b c\" d"), ["a", "=", "b c", "d"]);
        assert_eq!(texts("a = 'b  c' `d e`"), ["a", "=", "'b  c'", "`d e`"]);
        assert_eq!(texts("it's x\"y b#c # gone"), ["it's", "x\"y", "b#c"]);
        assert_eq!(texts("print \\\"x y\\\""), ["print", "\\\"x y\\\""]);
    }

    #[test]
    fn brackets_make_one_word() {
        assert_eq!(texts("a = {\"k\" : {\"m\" : [1,2]}}}"), ["a", "=", "{\"k\" : {\"m\" : [1,2]}}", "}"]);
        assert_eq!(texts("pre{\"k\":1} x{}"), ["pre", "{\"k\":1}", "x", "{}"]);
        assert_eq!(texts("k{} = v"), ["k{}", "=", "v"]);
        assert_eq!(texts("p[x] [a][b]:[c][d] [e]"), ["p[x]", "[a][b]:[c][d]", "[e]"]);
        assert_eq!(texts("f(b  c)d (b (c) d)"), ["f(b  c)d", "(b (c) d)"]);
    }

    #[test]
    fn what_has_no_match_is_an_error() {
        assert_eq!(words("a = (b"), Err(Error::Parenthesis("(b".into())));
        assert_eq!(words("a = \"b"), Err(Error::DoubleQuotes(5)));
        assert_eq!(words("a = 'b"), Err(Error::SingleQuotes(5)));
        assert!(matches!(words("a = {\"k\" : 1"), Err(Error::Brackets(_))));
    }

    #[test]
    fn brackets_whose_quotes_do_not_match_cost_no_more_than_others() {
        // Each was looked at up to the end of the line: a megabyte took minutes.
        let unmatched = |part: &str| texts(&format!("print {}", part.repeat(110_000)));
        let braces = unmatched(r#"{"}'"{{x'"#);
        assert_eq!((braces.len(), braces[1].as_str(), braces[2].as_str()), (220_001, r#"{"}"#, r#"'"{{x'"#));
        assert_eq!(unmatched(r#"[,"]'"[[x'"#).len(), 220_001);
        assert_eq!(unmatched(r#"(,")'"((x'"#).len(), 220_001);
    }

    #[test]
    fn an_ampersand_ends_the_command() {
        let (first, rest) = first_command("a = b & c = d").unwrap();
        assert_eq!((joined(&first).as_str(), rest), ("a = b", Some(" c = d")));
        assert_eq!(pieces("a & \"b & c\"").count(), 3);
    }

    proptest::proptest! {
        #[test]
        fn any_text_ends(text in "\\PC*") {
            let _ = words(&text);
        }

        #[test]
        fn words_of_quoted_words_stay(list in proptest::collection::vec("[^\"&]{1,9}", 0..6)) {
            let line: Vec<String> = list.iter().map(|word| format!("\"{word}\"")).collect();
            proptest::prop_assert_eq!(texts(&line.join(" ")), list);
        }
    }
}
