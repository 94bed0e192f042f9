//! The options of a command, as its help shows them: `where`, their keys, and the values among which one is chosen.

use crate::command::{
    completion::candidate::{CandidateKind, Offer},
    engine::Entry,
};

/// The words before which the key of an option stands.
const BEFORE_KEYS: [&str; 2] = ["where", "and"];

/// Offers what goes on with the arguments of a command as its help says.
pub(super) fn offer(entry: &Entry, arguments: &[&str], offer: &mut Offer<'_>) {
    let words = usage_words(entry);
    match arguments {
        [.., key, "="] => values(entry, &words, key, offer),
        [.., last] if BEFORE_KEYS.contains(last) => {
            let keys = keys(&words).filter(|key| !is_given(arguments, key));
            keys.for_each(|key| offer.add(CandidateKind::Option, key));
        }
        [.., key, "=", _] if keys(&words).any(|one| one == *key) => {
            if keys(&words).any(|key| !is_given(arguments, key)) {
                offer.add(CandidateKind::Option, "and");
            }
        }
        _ => {
            if words.contains(&"where") && !arguments.contains(&"where") {
                offer.add(CandidateKind::Option, "where");
            }
            next_of_examples(entry, &words, arguments, offer);
        }
    }
}

/// Returns the words of the usage behind the name, without the brackets around what may be left out.
fn usage_words(entry: &Entry) -> Vec<&'static str> {
    let usage = entry.help.usage;
    let behind = usage.split_once(entry.words).map_or(usage, |(_, behind)| behind);
    behind.split(|c: char| c.is_whitespace() || "[](),".contains(c)).filter(|word| !word.is_empty()).collect()
}

fn keys<'w>(words: &'w [&'static str]) -> impl Iterator<Item = &'static str> + use<'w> {
    let is_key = |word: &str| word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    words.windows(2).filter_map(move |two| match two {
        [key, "="] if is_key(key) => Some(*key),
        _ => None,
    })
}

fn is_given(arguments: &[&str], key: &str) -> bool {
    arguments.windows(2).any(|two| matches!(two, [one, "="] if *one == key))
}

/// Offers the values of an option that the usage lists (`table/json`), or that it names and an example has as well.
fn values(entry: &Entry, words: &[&'static str], key: &str, offer: &mut Offer<'_>) {
    let given = words.windows(3).filter_map(|three| match three {
        [one, "=", value] if *one == key => Some(*value),
        _ => None,
    });
    for value in given {
        let choices = value.split('/');
        let is_choice = |one: &str| !one.is_empty() && one.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        let is_shown = || entry.help.examples.iter().any(|example| shows(example, key, value));
        if choices.clone().all(is_choice) && (choices.clone().count() > 1 || is_shown()) {
            choices.for_each(|choice| offer.add(CandidateKind::Option, choice));
        }
    }
}

fn shows(example: &str, key: &str, value: &str) -> bool {
    let words: Vec<&str> = example.split_whitespace().collect();
    words.windows(3).any(|three| three == [key, "=", value])
}

/// Offers the next word of the examples that begin with the same words, when it is a word of the usage and no value.
fn next_of_examples(entry: &Entry, words: &[&'static str], arguments: &[&str], offer: &mut Offer<'_>) {
    for example in entry.help.examples {
        let Some((_, behind)) = example.split_once(entry.words) else { continue };
        let mut behind = behind.split_whitespace();
        let same = arguments.iter().all(|word| behind.next() == Some(word));
        let Some(next) = behind.next().filter(|_| same) else { continue };
        let is_named = || words.iter().any(|word| word.split('/').any(|one| one == next));
        if next.chars().all(|c| c.is_ascii_lowercase() || "_.".contains(c)) && is_named() {
            offer.add(CandidateKind::Option, next);
        }
    }
}
