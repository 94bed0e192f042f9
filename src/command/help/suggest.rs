//! What a word that is no command may have meant, in the way of the network's nodes: they cut its end off and look for
//! names of which more than half is the same.

use crate::command::engine::Catalog;
use difflib::sequencematcher::SequenceMatcher;
use std::collections::{BTreeMap, BTreeSet};

/// How much of two names has to be the same; the nodes of the network compare with the same measure and bound.
const LIKENESS: f32 = 0.5;

/// Names that belong together: the members of each family by the family's name, and the names of all commands beside them.
type Families = BTreeMap<&'static str, BTreeSet<&'static str>>;

/// Returns the usages or the names of the commands that may have been meant.
pub(super) fn suggestions(catalog: &Catalog, words: &str) -> Vec<String> {
    let named = if words.chars().nth(1).is_some() { usages_with(catalog, words) } else { BTreeSet::new() };
    let meant: Vec<&str> =
        if named.is_empty() { names_like(catalog, shortened(words)) } else { named.into_iter().collect() };
    meant.into_iter().map(str::to_owned).collect()
}

/// Returns the usage of the commands that have the words in their names.
fn usages_with(catalog: &Catalog, words: &str) -> BTreeSet<&'static str> {
    catalog.entries().filter(|entry| entry.words.contains(words)).map(|entry| entry.help.usage).collect()
}

/// Drops the last word, or the last letter of the only one.
fn shortened(words: &str) -> &str {
    let end = words.rfind(' ').or_else(|| words.char_indices().next_back().map(|(at, _)| at));
    words.get(..end.unwrap_or_default()).unwrap_or_default()
}

/// Returns the members of families, then the commands beside them, that contain a text or are like it.
fn names_like(catalog: &Catalog, text: &str) -> Vec<&'static str> {
    if text.is_empty() {
        return Vec::new();
    }
    let (families, others) = names(catalog);
    let all = families.values().flatten().chain(&others);
    all.filter(|name| name.contains(text) || is_like(name, text)).copied().collect()
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
fn is_like(name: &str, text: &str) -> bool {
    let (name, text): (Vec<char>, Vec<char>) = (name.chars().collect(), text.chars().collect());
    // Half can be the same only when neither is three times as long as the other; a caller may have sent a very long text.
    let can_be = name.len().min(text.len()) * 4 > name.len() + text.len();
    can_be && SequenceMatcher::new(&name, &text).ratio() > LIKENESS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::CATALOG;

    #[test]
    fn names_are_like_when_more_than_half_is_the_same() {
        assert!(is_like("blockchain", "blokchai"));
        assert!(is_like("abcd", "bcde"));
        assert!(!is_like("abcd", "cdef"));
        assert!(!is_like("", "a"));
        assert!(!is_like("print", &"p".repeat(1_000_000)));
    }

    #[test]
    fn suggestions_are_those_of_the_network() {
        assert_eq!(suggestions(&CATALOG, "nosuch"), ["node resources"]);
        assert_eq!(suggestions(&CATALOG, "blokchain"), ["blobs archiver", "blockchain", "run blockchain sync"]);
        assert!(suggestions(&CATALOG, "processe").first().is_some_and(|usage| usage.starts_with("get processes")));
        assert!(suggestions(&CATALOG, "").is_empty());
    }
}
