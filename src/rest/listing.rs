//! Answers to `blockchain get TYPE` and `blockchain get TYPE where KEY = VALUE` kept for as long as no policy changes,
//! so that a large ledger is written as text once and sent to everybody from the same bytes.

use crate::{rest::answer::Answer, runtime::limits};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// The kept answers of one version of the policies.
#[derive(Debug, Default)]
pub struct Listings {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    generation: u64,
    answers: HashMap<String, Answer>,
    /// Bytes of the commands and the answers, with what keeps them.
    size: usize,
}

impl Listings {
    /// Returns the answer to a command in a version of the policies, if it is kept.
    #[must_use]
    pub fn get(&self, command: &str, generation: u64) -> Option<Answer> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.generation == generation { kept.answers.get(command).cloned() } else { None }
    }

    /// Keeps the answer to a command; those of other versions are forgotten, and all when they become too many:
    /// the ones in use come back.
    pub fn keep(&self, command: &str, generation: u64, answer: Answer) {
        let size = command.len() + answer.body.len() + size_of::<(String, Answer)>();
        if size > limits::REST_LISTINGS {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.generation != generation || kept.size + size > limits::REST_LISTINGS {
            *kept = Kept { generation, ..Kept::default() };
        }
        if kept.answers.insert(command.to_owned(), answer).is_none() {
            kept.size += size;
        }
    }
}

/// How the commands begin whose answers may be kept.
const ASKS: &str = "blockchain get ";

/// Tells whether a command asks for policies: its answer may be kept.
#[must_use]
pub fn asks_policies(command: &str) -> bool {
    command.starts_with(ASKS)
}

/// Tells whether the answer to a command depends on the policies alone: one type, and at most one condition that is
/// no reference. Only such answers are kept, so this is asked once for each.
#[must_use]
pub fn is_listing(command: &str) -> bool {
    let Some(asked) = command.strip_prefix(ASKS) else { return false };
    let (kind, condition) = asked.split_once(" where ").map_or((asked, None), |(kind, rest)| (kind, Some(rest)));
    (kind == "*" || is_name(kind)) && condition.is_none_or(is_condition)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// Tells whether a text is `KEY = VALUE`, the value a plain word or in double quotes.
fn is_condition(text: &str) -> bool {
    let Some((key, value)) = text.split_once('=') else { return false };
    let value = value.trim();
    let quoted = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let is_plain = |c: char| c.is_alphanumeric() || "_-.:".contains(c) || (c == ' ' && quoted.is_some());
    is_name(key.trim()) && quoted.unwrap_or(value).chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(length: usize) -> Answer {
        Answer::result(vec![b' '; length].into())
    }

    #[test]
    fn only_answers_of_the_policies_alone_are_listings() {
        assert!(is_listing("blockchain get *"));
        assert!(is_listing("blockchain get operator"));
        assert!(is_listing("blockchain get operator where ip = 10.0.0.1"));
        assert!(is_listing("blockchain get operator where name = \"a name\""));
        for other in [
            "blockchain get",
            "blockchain get !t",
            "blockchain get (a, b)",
            "blockchain get a where b = !c",
            "blockchain get a where b = \"!c\"",
            "blockchain get a where b = c bring.count",
            "blockchain get a where b = c and d = e",
            "blockchain get a where b = c as of 2026-11-21T07:00:00Z",
            "blockchain get a where [b] > 5",
            "blockchain get a where b with c",
            "blockchain get a bring.ip_port",
            "get status",
        ] {
            assert!(!is_listing(other), "{other}");
        }
    }

    #[test]
    fn a_change_forgets_what_was_kept() {
        let listings = Listings::default();
        listings.keep("a", 1, answer(2));
        assert_eq!(listings.get("a", 1).map(|kept| kept.body.len()), Some(2));
        assert!(listings.get("a", 2).is_none());
        listings.keep("b", 2, answer(0));
        assert!(listings.get("a", 1).is_none());
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let listings = Listings::default();
        let is_kept = |command: &str| listings.get(command, 1).is_some();
        listings.keep("one", 1, answer(limits::REST_LISTINGS / 2));
        listings.keep("other", 1, answer(limits::REST_LISTINGS / 2));
        assert!(!is_kept("one") && is_kept("other"));
        listings.keep("too large", 1, answer(limits::REST_LISTINGS));
        assert!(!is_kept("too large") && is_kept("other"));
    }
}
