//! One word of a command.

/// One word of a command (reference/command-language 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The text as the command sees it.
    pub text: String,
    /// How it was written.
    pub kind: WordKind,
}

/// How a word was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordKind {
    /// A run of characters, quotes kept, braces, brackets or parentheses.
    Plain,
    /// Written in double quotes, which are removed.
    Quoted,
    /// `=`, `==`, `!=`, `<`, `>`, `<=`, `>=`, `+`, `->`.
    Operator,
}

impl Word {
    /// Creates a word as a run of characters.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), kind: WordKind::Plain }
    }

    /// Tells whether this is the given word of the grammar (`and`, `=`, `where` …), that is: not in quotes.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        self.kind != WordKind::Quoted && self.text == text
    }

    /// Tells whether the word is replaced by a value: `!name` or `$NAME`.
    #[must_use]
    pub fn is_reference(&self) -> bool {
        self.text.starts_with(['!', '$'])
    }
}

impl AsRef<str> for Word {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

/// Puts words together as logs show them: a word with blanks gets its double quotes back (reference/command-language
/// 2.2, rule 7). An empty word is lost, and so are the quotes of a word without blanks: what is read again is written
/// by [`command_text`].
#[must_use]
pub fn rejoined(words: &[Word]) -> String {
    let mut line = String::with_capacity(length(words));
    for text in words.iter().map(|word| word.text.as_str()).filter(|text| !text.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        if text.contains(' ') && !is_enclosed(text) {
            line.extend(["\"", text, "\""]);
        } else {
            line.push_str(text);
        }
    }
    line
}

/// Writes the words of a command as a text that reads as the same words again (reference/command-language 2.2, rule 7).
///
/// A word that stood in double quotes keeps them, for they change what it is: `"and"` ends no value, `"#1"` is no
/// comment, `"a=b"` is one word, `"[x]"` behind `bring` is a text. All others are written as they were read.
#[must_use]
pub fn command_text(words: &[Word]) -> String {
    let mut line = String::with_capacity(length(words));
    for word in words {
        if !line.is_empty() {
            line.push(' ');
        }
        match word.kind {
            WordKind::Quoted => line.extend(["\"", word.text.as_str(), "\""]),
            WordKind::Plain | WordKind::Operator => line.push_str(&word.text),
        }
    }
    line
}

/// Tells whether a text stands in brackets or double quotes of its own.
fn is_enclosed(text: &str) -> bool {
    let pairs = [('(', ')'), ('{', '}'), ('[', ']'), ('"', '"')];
    pairs.iter().any(|(open, close)| text.starts_with(*open) && text.ends_with(*close))
}

/// Length of words with blanks or quotes between them, in bytes; a few more do no harm.
fn length(words: &[Word]) -> usize {
    words.iter().map(|word| word.text.len() + 3).sum()
}

/// Puts words together with one blank between them, as logs and values of several words show them.
#[must_use]
pub fn joined(words: &[Word]) -> String {
    let mut text = String::with_capacity(length(words));
    for (at, word) in words.iter().enumerate() {
        if at > 0 {
            text.push(' ');
        }
        text.push_str(&word.text);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words;

    #[test]
    fn a_written_command_keeps_the_quotes_that_change_its_meaning() {
        for text in [
            r##"print "#1""##,
            r#"set x = "and""#,
            r#"rest get where url = "http://h/x?a=1&b=2""#,
            r#"from !p bring "[x]" [x] 'a "b" c'"#,
            r#"x = """#,
            r#"python "1" + 1"#,
        ] {
            assert_eq!(command_text(&words(text).unwrap()), text);
        }
        let spaced = words("print  'a  b'   {\"k\":\"v\"}x=1 # gone").unwrap();
        assert_eq!(command_text(&spaced), "print 'a  b' {\"k\":\"v\"} x = 1");
    }

    proptest::proptest! {
        #[test]
        fn a_written_command_reads_as_the_same_words(text in "[ab \"'`(){}\\[\\]:=<>!&#\\\\+,\t-]{0,24}") {
            if let Ok(list) = words(&text) {
                proptest::prop_assert_eq!(words(&command_text(&list)), Ok(list));
            }
        }
    }
}
