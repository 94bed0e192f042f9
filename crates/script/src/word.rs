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

/// Puts words together so that they read the same again: a word with blanks gets its double quotes back
/// (reference/command-language 2.2, rule 7). An empty word is lost.
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
