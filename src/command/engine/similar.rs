//! Names of commands that are like what somebody typed.

use std::{cmp::Reverse, collections::BTreeMap};
use strsim::osa_distance;

/// Characters of a typed name that are compared; a longer one is like no name.
const LONGEST: usize = 80;

/// The beginnings of the names of commands.
#[derive(Debug)]
pub(super) struct Names {
    /// For lines of one word, of two words and so on: as many words of each name, or all it has, with their number.
    beginnings: Vec<BTreeMap<&'static str, usize>>,
}

impl Names {
    /// Takes the names; the longest has so many words.
    pub(super) fn new(names: impl Iterator<Item = &'static str>, longest: usize) -> Self {
        let names: Vec<&'static str> = names.collect();
        let beginnings = (1..=longest).map(|words| {
            let beginning = |name: &&'static str| {
                let count = name.split(' ').count().min(words);
                (first_words(name, count), count)
            };
            names.iter().map(beginning).collect()
        });
        Self { beginnings: beginnings.collect() }
    }

    /// Returns the names that a line may have meant, the closest first.
    pub(super) fn like(&self, line: &str) -> Vec<&'static str> {
        let words: Vec<&str> = line.split_whitespace().take(self.beginnings.len()).collect();
        let Some(names) = words.len().checked_sub(1).and_then(|at| self.beginnings.get(at)) else { return Vec::new() };
        let distance = |(name, count): (&&'static str, &usize)| {
            let typed = words.get(..*count)?.join(" ");
            if typed.chars().nth(LONGEST).is_some() {
                return None;
            }
            // Two letters in the wrong order are one mistake, and a name with as many letters is closer than another.
            let distance = osa_distance(&typed, name);
            let length = name.chars().count();
            let other_length = length.abs_diff(typed.chars().count());
            (distance > 0 && distance <= length.div_ceil(4)).then_some((distance, Reverse(*count), other_length, *name))
        };
        // Names that explain more of the words come before those that explain fewer.
        let mut close: Vec<(usize, Reverse<usize>, usize, &'static str)> = names.iter().filter_map(distance).collect();
        close.sort_unstable();
        close.into_iter().map(|(_, _, _, name)| name).collect()
    }
}

/// Returns the first words of a name.
fn first_words(name: &'static str, count: usize) -> &'static str {
    let end = name.match_indices(' ').nth(count.saturating_sub(1)).map_or(name.len(), |(at, _)| at);
    name.get(..end).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swapped_letters_are_one_mistake_and_equal_length_is_closer() {
        let names = Names::new(["get stats", "get status", "get streaming"].into_iter(), 2);
        assert_eq!(names.like("get stauts").first(), Some(&"get status"));
        assert_eq!(names.like("get statu").first(), Some(&"get stats"));
    }
}
