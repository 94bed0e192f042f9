//! What a word that is no command may have meant, in the way of the network's nodes: they cut its end off and look for
//! names of which more than half is the same.

use crate::command::engine::Catalog;
use std::collections::{BTreeMap, BTreeSet};

/// Names that belong together: the members of each family by the family's name, and the names of all commands beside them.
type Families = BTreeMap<&'static str, BTreeSet<&'static str>>;

/// Returns lines `Maybe: …`, each with the usage or the name of a command.
#[must_use]
pub(super) fn suggestions(catalog: &Catalog, words: &str) -> String {
    let named = if words.chars().nth(1).is_some() { with_words(catalog, words) } else { BTreeSet::new() };
    if named.is_empty() { like(catalog, shortened(words)) } else { lines(named) }
}

fn lines<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("Maybe: {name}\r\n")).collect()
}

/// Returns the usage of the commands that have the words in their names.
fn with_words(catalog: &Catalog, words: &str) -> BTreeSet<&'static str> {
    catalog.entries().filter(|entry| entry.words.contains(words)).map(|entry| entry.help.usage).collect()
}

/// Drops the last word, or the last letter of the only one.
fn shortened(words: &str) -> &str {
    let end = words.rfind(' ').or_else(|| words.char_indices().next_back().map(|(at, _)| at));
    words.get(..end.unwrap_or_default()).unwrap_or_default()
}

/// Names the members of families, then the commands beside them, that contain a text or are more than half the same.
fn like(catalog: &Catalog, text: &str) -> String {
    let (families, others) = names(catalog);
    let all = families.values().flatten().chain(&others);
    let close = |name: &&&str| !text.is_empty() && (name.contains(text) || is_close(name, text));
    lines(all.filter(close).copied())
}

fn names(catalog: &Catalog) -> (Families, BTreeSet<&'static str>) {
    let (mut families, mut others) = (Families::new(), BTreeSet::new());
    // Nodes send each other events; people have no use for their names.
    for words in catalog.entries().map(|entry| entry.words).filter(|words| !words.starts_with("event ")) {
        match words.split_once(' ').filter(|(family, _)| catalog.is_shared(family)) {
            Some((family, member)) => {
                others.insert(family);
                // References are no names: `get !key`.
                if !member.contains('!') {
                    families.entry(family).or_default().insert(member);
                }
            }
            None => {
                others.insert(words);
            }
        }
    }
    (families, others)
}

/// Tells whether more than half of the letters of two texts are the same, in the same order.
fn is_close(one: &str, other: &str) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let total = one.len() + other.len();
    // Most letters can be the same when neither is more than three times as long as the other.
    one.len().min(other.len()) * 4 > total && common(&one, &other) * 4 > total
}

/// Counts the letters of the longest common part, of what stands before it in both, and of what stands behind it.
fn common(one: &[char], other: &[char]) -> usize {
    let Some((at_one, at_other, length)) = longest(one, other) else { return 0 };
    let before = common(one.get(..at_one).unwrap_or_default(), other.get(..at_other).unwrap_or_default());
    let (one, other) = (one.get(at_one + length..), other.get(at_other + length..));
    length + before + common(one.unwrap_or_default(), other.unwrap_or_default())
}

/// Returns the places and the length of the longest common part; the first of several.
fn longest(one: &[char], other: &[char]) -> Option<(usize, usize, usize)> {
    let places = (0..one.len()).flat_map(|at_one| (0..other.len()).map(move |at_other| (at_one, at_other)));
    let length = |at_one: usize, at_other: usize| {
        let pairs = one.iter().skip(at_one).zip(other.iter().skip(at_other));
        pairs.take_while(|(one, other)| one == other).count()
    };
    let parts = places.map(|(at_one, at_other)| (at_one, at_other, length(at_one, at_other)));
    parts.rev().max_by_key(|(_, _, length)| *length).filter(|(_, _, length)| *length > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::CATALOG;

    #[test]
    fn letters_in_common_are_counted() {
        let count =
            |one: &str, other: &str| common(&one.chars().collect::<Vec<_>>(), &other.chars().collect::<Vec<_>>());
        assert_eq!(count("blockchain", "blokchai"), 8);
        assert_eq!(count("abcd", "bcde"), 3);
        assert_eq!(count("", "a"), 0);
        assert!(!is_close("print", &"p".repeat(1_000_000)));
    }

    #[test]
    fn suggestions_are_those_of_the_network() {
        assert_eq!(suggestions(&CATALOG, "nosuch"), "Maybe: node resources\r\n");
        let maybe = "Maybe: blobs archiver\r\nMaybe: blockchain\r\nMaybe: run blockchain sync\r\n";
        assert_eq!(suggestions(&CATALOG, "blokchain"), maybe);
        assert!(suggestions(&CATALOG, "processe").starts_with("Maybe: get processes"));
        assert_eq!(suggestions(&CATALOG, ""), "");
    }
}
