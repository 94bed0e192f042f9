//! What a line of words is, before a command is looked for (reference/command-language 4).

use super::{Error, Resolved, Scope, Word, joined, resolve};

/// The form of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form<'a> {
    /// No words.
    Nothing,
    /// One reference: its value is shown.
    Reference(&'a Word),
    /// `a + b …`: the joined text is shown.
    Concatenation(&'a [Word]),
    /// `key = …`: a command with a result, or a value.
    Assignment {
        /// The key.
        key: &'a Word,
        /// The words after `=`.
        words: &'a [Word],
    },
    /// A command.
    Command(&'a [Word]),
}

impl<'a> Form<'a> {
    /// Tells the form of a line of words.
    #[must_use]
    pub fn of(words: &'a [Word]) -> Self {
        match words {
            [] => Self::Nothing,
            [word] if word.is_reference() && word.text.len() > 1 => Self::Reference(word),
            [_, plus, _, ..] if plus.is("+") => Self::Concatenation(words),
            [key, equal, rest @ ..] if equal.is("=") && !rest.is_empty() => Self::Assignment { key, words: rest },
            _ => Self::Command(words),
        }
    }
}

/// Tells whether the old value of the key is still needed while the new one is found: `a = !a + x`, `a = incr !a`.
#[must_use]
pub fn keeps_old_value(words: &[Word]) -> bool {
    words.first().is_some_and(|word| word.is("incr")) || words.get(1).is_some_and(|word| word.is("+"))
}

/// Returns the value of the words after `key =`: one word resolved, several joined, `a + b` concatenated.
///
/// # Errors
/// When a concatenation does not read as values with `+` between them.
pub fn value(words: &[Word], scope: &dyn Scope) -> Result<Resolved, Error> {
    match words {
        [word] => Ok(resolve(word, scope)),
        [_, plus, ..] if plus.is("+") => concatenation(words, scope).map(Resolved::Text),
        _ => Ok(Resolved::Text(joined(words))),
    }
}

/// Joins `a + b + c` without blanks.
///
/// # Errors
/// When the words are not values with `+` between them.
pub fn concatenation(words: &[Word], scope: &dyn Scope) -> Result<String, Error> {
    let mut text = String::new();
    for (at, word) in words.iter().enumerate() {
        match (at % 2 == 0, word.is("+")) {
            (true, _) if word.is_reference() && word.text.len() > 1 => {
                text.push_str(&resolve(word, scope).into_text());
            }
            (true, _) => text.push_str(&word.text),
            (false, true) => {}
            (false, false) => return Err(Error::Concatenation(joined(words))),
        }
    }
    if words.len() % 2 == 1 { Ok(text) } else { Err(Error::Concatenation(joined(words))) }
}
