//! The policies of a contract's list (reference/ledger 12.5).

use super::chain_list::ChainPolicy;
use crate::policy::Policy;
use indexmap::{IndexMap, map::Entry};
use std::collections::HashMap;

/// Type of the policies that hide others.
const DISCARD: &str = "discard";
/// Date of a policy without one.
const NO_DATE: &str = "0000-00-00";

/// What a checkout gives to a node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CheckedOut {
    /// The policies in the order of the list.
    pub policies: Vec<Policy>,
    /// Entries that are no policy with an id: anybody can insert into a contract.
    pub unreadable: usize,
    /// Entries with the id of another one of the same or a later date.
    pub repeated: usize,
    /// Policies that a `discard` hides.
    pub discarded: usize,
}

impl CheckedOut {
    /// Reads a list: of entries with one id the one with the later date counts, in the place of the first; the latest
    /// `discard` of an id says whether its policy is hidden, and stays visible itself.
    #[must_use]
    pub fn of(list: &[ChainPolicy]) -> Self {
        let (mut found, mut out) = (IndexMap::with_capacity(list.len()), Self::default());
        let mut discards: HashMap<String, Policy> = HashMap::new();
        for entry in list {
            let policy = Policy::parse(&entry.text).ok();
            let Some((policy, id)) = policy.and_then(|policy| policy.id().map(|id| (policy, id))) else {
                out.unreadable += 1;
                continue;
            };
            if let Some(hidden) = discarded_id(&policy) {
                discards.entry(hidden).and_modify(|known| keep_later(known, &policy)).or_insert_with(|| policy.clone());
            }
            match found.entry(id) {
                Entry::Occupied(mut known) => {
                    out.repeated += 1;
                    keep_later(known.get_mut(), &policy);
                }
                Entry::Vacant(place) => {
                    place.insert(policy);
                }
            }
        }
        let is_hidden = |id: &String| discards.get(id).is_some_and(|discard| discard.text("status") == Some("active"));
        let visible = found.into_iter().filter(|(id, _)| {
            let is_hidden = is_hidden(id);
            out.discarded += usize::from(is_hidden);
            !is_hidden
        });
        out.policies = visible.map(|(_, policy)| policy).collect();
        out
    }
}

/// Returns the id that a discard speaks of.
fn discarded_id(policy: &Policy) -> Option<String> {
    if policy.kind() != DISCARD || policy.get("status").is_none() {
        return None;
    }
    policy.text("policy").map(str::to_owned)
}

/// Takes another policy in place of a known one when its date is later.
fn keep_later(known: &mut Policy, other: &Policy) {
    let date = |policy: &Policy| policy.date().unwrap_or(NO_DATE).to_owned();
    if date(other) > date(known) {
        *known = other.clone();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked_out(texts: &[&str]) -> CheckedOut {
        let entry = |text: &&str| ChainPolicy { id: String::new(), text: (*text).to_owned() };
        CheckedOut::of(&texts.iter().map(entry).collect::<Vec<_>>())
    }

    fn names(out: &CheckedOut) -> Vec<&str> {
        out.policies.iter().map(|policy| policy.text("name").unwrap_or(policy.kind())).collect()
    }

    #[test]
    fn later_date_wins_in_the_place_of_the_first() {
        let out = checked_out(&[
            r#"{"device": {"name": "old", "id": "1", "date": "2026-01-01"}}"#,
            r#"{"device": {"name": "other", "id": "2"}}"#,
            r#"{"device": {"name": "new", "id": "1", "date": "2026-01-02"}}"#,
            r#"{"device": {"name": "undated", "id": "1"}}"#,
        ]);
        assert_eq!((names(&out), out.repeated), (vec!["new", "other"], 2));
    }

    #[test]
    fn what_is_no_policy_with_an_id_is_left_out() {
        let out =
            checked_out(&["", "no json", "[1]", r#"{"a": {}, "b": {}}"#, r#"{"a": {"name": "x"}}"#, r#"{"a": 1}"#]);
        assert_eq!((out.policies.len(), out.unreadable), (0, 6));
    }

    #[test]
    fn latest_discard_hides_or_shows_and_stays_itself() {
        let hidden = r#"{"device": {"name": "d", "id": "1"}}"#;
        let active = r#"{"discard": {"policy": "1", "status": "active", "id": "x", "date": "2026-01-02"}}"#;
        let off = r#"{"discard": {"policy": "1", "status": "off", "id": "y", "date": "2026-01-01"}}"#;
        let out = checked_out(&[active, hidden, off]);
        assert_eq!((names(&out), out.discarded), (vec!["discard", "discard"], 1));
        let later = off.replace("01-01", "01-03");
        assert_eq!(names(&checked_out(&[active, hidden, &later])), ["discard", "d", "discard"]);
    }

    #[test]
    fn discard_of_an_unknown_id_hides_nothing() {
        let active = r#"{"discard": {"policy": "gone", "status": "active", "id": "x"}}"#;
        assert_eq!(names(&checked_out(&[active])), ["discard"]);
    }
}
