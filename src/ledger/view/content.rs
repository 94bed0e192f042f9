//! What a view shows, in 32 bytes: the same wherever and whenever the same policies stand at the same places, and another one
//! for anything else. A number of the view does not say that: each run of the program counts anew.

use crate::ledger::view::entry::{LedgerEntry, Location};
use sha2::{Digest, Sha256};

/// Words of a SHA-256.
const WORDS: usize = 4;

/// The sum of the hashes of all entries, word by word: a change costs the hashes of what changes, and not of all there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ContentSum([u64; WORDS]);

impl ContentSum {
    /// Adds an entry.
    pub fn add(&mut self, entry: &LedgerEntry) {
        for (own, word) in self.0.iter_mut().zip(words(entry)) {
            *own = own.wrapping_add(word);
        }
    }

    /// Adds the entries of another sum.
    pub fn add_all(&mut self, other: Self) {
        for (own, word) in self.0.iter_mut().zip(other.0) {
            *own = own.wrapping_add(word);
        }
    }

    /// Takes an entry away that was added.
    pub fn remove(&mut self, entry: &LedgerEntry) {
        for (own, word) in self.0.iter_mut().zip(words(entry)) {
            *own = own.wrapping_sub(word);
        }
    }

    /// Returns the sum as bytes.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|word| word.to_le_bytes()).collect()
    }
}

/// Returns the hash of what is stored of an entry, its place in the ledger included. That a row reads as local for a while is
/// nothing that is stored.
fn words(entry: &LedgerEntry) -> [u64; WORDS] {
    let mut hash = Sha256::new();
    hash.update([entry.location == Location::File, entry.valid].map(u8::from));
    hash.update(entry.sequence.to_le_bytes());
    for text in [&entry.date, &entry.id, &entry.host, &entry.text] {
        // With their lengths, so that no text goes on in the next one.
        hash.update(text.len().to_le_bytes());
        hash.update(text.as_bytes());
    }
    let (mut words, digest) = ([0; WORDS], hash.finalize());
    for (word, bytes) in words.iter_mut().zip(digest.chunks_exact(8)) {
        *word = bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::view::{entry::Position, fields::PolicyFields, view::View};
    use proptest::prelude::*;
    use std::sync::Arc;

    fn entry(id: usize, x: u8, sequence: i64) -> Arc<LedgerEntry> {
        let text = format!(r#"{{"d": {{"id": "{id}", "x": {x}}}}}"#);
        let at = Position { date: "d".into(), sequence, location: Location::Table };
        let fields = PolicyFields::read(&text);
        Arc::new(LedgerEntry::new(text.into(), id.to_string().into(), "h".into(), at, fields.as_ref()))
    }

    proptest! {
        /// Whatever was done to it, a view has the sum of what it shows.
        #[test]
        fn a_view_has_the_sum_of_its_entries(steps in prop::collection::vec((0..8_usize, 0..3_u8, any::<bool>()), 0..60)) {
            let mut view = View::default();
            for (id, x, adds) in steps {
                if adds {
                    view.insert(entry(id, x, i64::from(x) * 8 + i64::try_from(id).unwrap()));
                } else {
                    view.remove(&id.to_string());
                }
            }
            let mut again = View::default();
            let entries: Vec<_> = view.iter().cloned().collect();
            entries.into_iter().rev().for_each(|entry| again.insert(entry));
            prop_assert_eq!(view.content(), again.content());
            prop_assert_eq!(view.is_empty(), view.content() == ContentSum::default());
        }
    }

    #[test]
    fn everything_that_is_stored_counts() {
        let sum = |entry: LedgerEntry| {
            let mut sum = ContentSum::default();
            sum.add(&entry);
            sum.bytes()
        };
        let of = |text: &str, id: &str, host: &str, date: &str, sequence, location| {
            let at = Position { date: date.into(), sequence, location };
            sum(LedgerEntry::new(text.into(), id.into(), host.into(), at, None))
        };
        let all = [
            of("t", "i", "h", "d", 1, Location::Table),
            of("u", "i", "h", "d", 1, Location::Table),
            of("t", "j", "h", "d", 1, Location::Table),
            of("t", "ih", "", "d", 1, Location::Table),
            of("t", "i", "h", "e", 1, Location::Table),
            of("t", "i", "h", "d", 2, Location::Table),
            of("t", "i", "h", "d", 1, Location::File),
        ];
        let different: std::collections::HashSet<_> = all.iter().collect();
        assert_eq!(different.len(), all.len());
    }
}
