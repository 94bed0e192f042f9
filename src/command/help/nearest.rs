//! The command that somebody probably meant.

use crate::command::table::FAMILIES;

/// Most names that are offered.
const NAMES: usize = 3;

/// Returns the commands whose words are most like the given ones, best first, at most three.
#[must_use]
pub fn nearest(text: &str) -> Vec<&'static str> {
    let wanted: Vec<&str> = text.split_whitespace().collect();
    let mut names: Vec<(usize, &str)> = FAMILIES
        .iter()
        .flat_map(|family| family.iter())
        .filter_map(|entry| distance(&wanted, entry.words).map(|distance| (distance, entry.words)))
        .collect();
    names.sort();
    names.dedup();
    names.into_iter().map(|(_, name)| name).take(NAMES).collect()
}

/// Returns how far the first words are from a name; nothing when they have too little in common.
fn distance(wanted: &[&str], name: &'static str) -> Option<usize> {
    let begun = wanted.iter().take(name.split(' ').count()).copied().collect::<Vec<_>>().join(" ");
    let short: String = begun.chars().take(64).collect();
    let distance = edits(&short, name);
    let last = name.rsplit(' ').next().unwrap_or(name);
    let inside = short.len() > 3 && (name.contains(&short) || edits(&short, last) < 2);
    if inside {
        Some(distance.min(2))
    } else {
        (distance <= short.chars().count().min(name.len()) / 3 + 1).then_some(distance)
    }
}

/// Counts the single changes that make one text the other (Levenshtein).
fn edits(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, from) in left.chars().enumerate() {
        let mut next = vec![line + 1];
        for (column, to) in right.iter().enumerate() {
            let cell = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX - 1);
            let replaced = cell(&row, column) + usize::from(from != *to);
            next.push(replaced.min(cell(&row, column + 1) + 1).min(cell(&next, column) + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_counted() {
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("blokchain", "blockchain"), 1);
        assert_eq!(edits("same", "same"), 0);
    }

    #[test]
    fn typing_mistakes_find_their_command() {
        assert!(nearest("get statos").contains(&"get status"));
        assert_eq!(nearest("get proceses where format = json").first(), Some(&"get processes"));
        assert!(nearest("zzzzzzzz").is_empty());
    }
}
