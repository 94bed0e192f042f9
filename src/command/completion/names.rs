//! The words of the names of commands.

use crate::command::{
    completion::candidate::{CandidateKind, Offer},
    engine::{Catalog, Entry},
};

/// Offers the words that go on with the name of a command that this node carries out and the caller may run.
pub(super) fn offer(
    catalog: &'static Catalog,
    words: &[&str],
    may_run: &dyn Fn(&Entry) -> bool,
    offer: &mut Offer<'_>,
) {
    for entry in catalog.entries().filter(|entry| entry.is_offered()) {
        let mut name = entry.words.split(' ');
        if words.iter().all(|typed| name.next() == Some(typed))
            && let Some(next) = name.next()
            && next.starts_with(offer.word)
            && may_run(entry)
        {
            offer.add(CandidateKind::Command, next);
        }
    }
}

/// Returns the command with the longest name that words begin with, and the words behind the name.
pub(super) fn named<'w, 'a>(
    catalog: &'static Catalog,
    words: &'w [&'a str],
) -> Option<(&'static Entry, &'w [&'a str])> {
    let count = |entry: &Entry| entry.words.split(' ').count();
    let begins = |entry: &&'static Entry| {
        let named = words.get(..count(entry)).unwrap_or_default();
        entry.words.split(' ').eq(named.iter().copied())
    };
    let entry = catalog.entries().filter(begins).max_by_key(|entry| count(entry))?;
    Some((entry, words.get(count(entry)..).unwrap_or_default()))
}
