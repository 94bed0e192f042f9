//! What is offered, and the collection of it.

use crate::{command::completion::typed_line::TypedLine, runtime::limits::COMPLETION_CANDIDATES};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a candidate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CandidateKind {
    /// A word of the name of a command.
    Command,
    /// A word that belongs to the form of a command: `where`, an option, one of its values.
    Option,
    /// A variable of the node, with its sign: `!name`.
    Variable,
    /// A type of policies in the ledger.
    PolicyType,
    /// The path of an attribute that policies of the type have.
    Attribute,
    /// A value that an attribute has in the ledger, in quotes where it needs them.
    Value,
    /// The id of a policy.
    PolicyId,
}

impl CandidateKind {
    /// Returns the name that people read.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Option => "option",
            Self::Variable => "variable",
            Self::PolicyType => "policy type",
            Self::Attribute => "attribute",
            Self::Value => "value",
            Self::PolicyId => "id",
        }
    }
}

/// One word that may stand there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// What is written into the line.
    pub text: String,
    /// What it is.
    pub kind: CandidateKind,
    /// What tells it from others, for people: type and name of the policy with this id, the number of policies of a type.
    pub about: Option<String>,
}

/// What may stand at the cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// Where the word begins that a candidate replaces, in bytes of the line.
    pub from: usize,
    /// Where the replaced word ends, in bytes: the cursor.
    pub to: usize,
    /// The words, in the order of their texts.
    pub candidates: Vec<Candidate>,
    /// True when there are more, or more may not have been looked for.
    pub more: bool,
}

/// Collects what fits to the word that is being typed.
pub(super) struct Offer<'a> {
    /// What is typed of the word, with its opening quote.
    pub(super) word: &'a str,
    from: usize,
    to: usize,
    found: BTreeMap<String, (CandidateKind, Option<String>)>,
    more: bool,
}

impl<'a> Offer<'a> {
    pub(super) fn new(typed: &TypedLine<'a>) -> Self {
        Self { word: typed.word, from: typed.from, to: typed.to, found: BTreeMap::new(), more: false }
    }

    /// Takes a word that goes on as typed.
    pub(super) fn add(&mut self, kind: CandidateKind, text: &str) {
        self.add_about(kind, text, || None);
    }

    /// Takes a word that goes on as typed, with what tells it from others.
    pub(super) fn add_about(&mut self, kind: CandidateKind, text: &str, about: impl FnOnce() -> Option<String>) {
        if text.starts_with(self.word) {
            self.put(kind, text, about);
        }
    }

    /// Takes a text that a word, in quotes if it needs them, stands for.
    pub(super) fn add_value(&mut self, text: &str) {
        let quoted = text.is_empty() || text.contains(|c: char| !c.is_alphanumeric() && !"_-./:*@%".contains(c));
        // A quote inside and what is read as a reference cannot be written so that it stands for itself; a prompt cuts
        // its lines at `&`, and a text over lines is nobody's to type.
        let impossible = |c: char| c.is_control() || c == '"' || c == '&';
        if text.contains(impossible) || text.starts_with(['!', '$']) || !text.starts_with(self.plain_word()) {
            return;
        }
        let written = if quoted || self.word.starts_with('"') { format!("\"{text}\"") } else { text.to_owned() };
        self.put(CandidateKind::Value, &written, || None);
    }

    /// Takes a word that does not go on as typed but is meant by it.
    pub(super) fn put(&mut self, kind: CandidateKind, text: &str, about: impl FnOnce() -> Option<String>) {
        if self.found.contains_key(text) {
            return;
        }
        if self.is_full() {
            self.more = true;
        } else {
            self.found.insert(text.to_owned(), (kind, about()));
        }
    }

    /// Returns what is typed of the word without its opening quote.
    pub(super) fn plain_word(&self) -> &'a str {
        self.word.strip_prefix('"').unwrap_or(self.word)
    }

    pub(super) fn is_full(&self) -> bool {
        self.found.len() >= COMPLETION_CANDIDATES
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Notes that not everything was looked at.
    pub(super) fn stop_early(&mut self) {
        self.more = true;
    }

    pub(super) fn into_completion(self) -> Completion {
        let candidates = self.found.into_iter().map(|(text, (kind, about))| Candidate { text, kind, about });
        Completion { from: self.from, to: self.to, candidates: candidates.collect(), more: self.more }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(line: &str, values: &[&str]) -> Vec<String> {
        let typed = TypedLine::read(line, line.len());
        let mut offer = Offer::new(&typed);
        for value in values {
            offer.add_value(value);
        }
        offer.into_completion().candidates.into_iter().map(|candidate| candidate.text).collect()
    }

    #[test]
    fn values_are_written_so_that_they_stand_for_themselves() {
        let all = ["edge-1", "Edge Node", "a & b", "say \"x\"", "!ip", "x=y", "Zürich", "Edge{"];
        assert_eq!(values("x = ", &all), ["\"Edge Node\"", "\"Edge{\"", "\"x=y\"", "Zürich", "edge-1"]);
        assert_eq!(values("x = Ed", &all), ["\"Edge Node\"", "\"Edge{\""]);
        assert_eq!(values("x = \"Edge N", &all), ["\"Edge Node\""]);
        assert_eq!(values("x = \"ed", &all), ["\"edge-1\""]);
    }

    #[test]
    fn the_number_of_words_has_a_limit() {
        let typed = TypedLine::read("", 0);
        let mut offer = Offer::new(&typed);
        for number in 0..COMPLETION_CANDIDATES + 1 {
            offer.add(CandidateKind::Option, &number.to_string());
        }
        let completion = offer.into_completion();
        assert_eq!((completion.candidates.len(), completion.more), (COMPLETION_CANDIDATES, true));
    }
}
