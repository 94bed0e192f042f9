//! Which variables scripts set and use.

use super::{quiet, unfolded};
use crate::{Action, Program, Word, place_of};
use std::collections::BTreeSet;

/// The variables that a set of scripts sets.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeSet<String>);

impl Names {
    /// Adds the variables that a script sets.
    pub(super) fn collect(&mut self, program: &Program) {
        for statement in program.statements() {
            let Action::Command(text) = &statement.action else { continue };
            for words in unfolded(&quiet(text)) {
                self.add(words);
                words.iter().filter(|word| word.text.starts_with('{')).for_each(|word| self.add_scripts(&word.text));
            }
        }
    }

    /// Adds the variables that commands inside the texts of a JSON object set: the scripts of policies.
    fn add_scripts(&mut self, object: &str) {
        for text in object.split('"').skip(1).step_by(2) {
            unfolded(&quiet(text)).iter().for_each(|words| self.add(words));
        }
    }

    fn add(&mut self, words: &[Word]) {
        let key = match words {
            [set, policy, name, ..] if set.is("set") && policy.is("policy") => Some(name),
            [set, key, equal, ..] if set.is("set") && equal.is("=") => Some(key),
            [key, equal, ..] if equal.is("=") => Some(key),
            _ => None,
        };
        if let Some(key) = key {
            let name = key.text.trim_start_matches('!');
            let name = place_of(name).map_or(name, |(name, _)| name).trim_end_matches("[]").trim_end_matches("{}");
            self.0.insert(name.to_owned());
        }
        if let [first, names, ..] = words
            && first.is("variables")
        {
            let names = names.text.trim_matches(['(', ')']).split(',').map(str::trim);
            self.0.extend(names.map(str::to_owned));
        }
    }

    /// Tells whether a script of the set sets a variable.
    pub(super) fn sets(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}

/// Returns the variables that words refer to: `!name`, also inside paths, JSON and quotes.
pub(super) fn used(words: &[Word]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for word in words {
        let mut before = ' ';
        for (at, letter) in word.text.char_indices() {
            let name = word.text.get(at + letter.len_utf8()..).unwrap_or_default();
            if letter == '!' && !before.is_alphanumeric() && before != '!' && !name.starts_with('!') {
                let end = name.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'));
                let name = name.get(..end.unwrap_or(name.len())).unwrap_or_default().trim_end_matches('-');
                if name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
                    names.insert(name.to_owned());
                }
            }
            before = letter;
        }
    }
    names
}
