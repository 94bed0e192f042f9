//! What it takes to undo changes: for each policy that they touched, what it was before the first of them.

use crate::ledger::{
    change::{UndoRow, UndoStep},
    history::past_change::PastChange,
    view::{
        entry::{LedgerEntry, Location},
        view::View,
    },
};
use sha2::{Digest, Sha256};
use std::{collections::HashMap, sync::Arc};

/// Digits of a fingerprint: people type it, and it protects against accidents alone.
const FINGERPRINT: usize = 16;

/// What happens to one policy when changes are undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoneChange {
    /// The first of the changes of the policy that are undone.
    pub change: PastChange,
    /// What is done.
    pub effect: UndoEffect,
    /// The stored text of its row when this was found out; nothing when there was no row.
    pub seen: Option<Arc<str>>,
    /// Who changed the policy between two of the changes that were asked for: it becomes what that left, and the ones before it
    /// are not undone.
    pub left_by: Option<String>,
}

impl UndoneChange {
    fn new(change: PastChange) -> Self {
        Self { change, effect: UndoEffect::Nothing, seen: None, left_by: None }
    }
}

/// What undoing does to one policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UndoEffect {
    /// The policy comes back.
    Returns,
    /// The policy gets back the text that it had.
    Reverts,
    /// The policy, which was added, is removed.
    Removed,
    /// The policy is what it was, so nothing is done.
    Nothing,
    /// Somebody else changed the policy afterwards, so it is left alone.
    ChangedLaterBy(String),
    /// Its id belongs to a policy of another type now, so it is left alone.
    TakenByType(String),
    /// What it was is no policy, so it is left alone.
    NoPolicy,
}

impl UndoEffect {
    /// Tells whether the policy is changed.
    #[must_use]
    pub const fn is_change(&self) -> bool {
        matches!(self, Self::Returns | Self::Reverts | Self::Removed)
    }
}

/// Finds what undoing some changes does, policy by policy, newest first. `changes` are all changes since the first that is
/// undone, newest first. What somebody else did to a policy stays: one whose last change is not undone is left alone, and of
/// the others the changes are undone down to the first that is not.
#[must_use]
pub fn undone(view: &View, changes: Vec<PastChange>, is_undone: impl Fn(&PastChange) -> bool) -> Vec<UndoneChange> {
    let mut undone: Vec<UndoneChange> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    // Who changed a policy after the changes of it that are undone, and before the last of them.
    let (mut later, mut between) = (HashMap::<String, String>::new(), HashMap::<String, String>::new());
    for change in changes {
        let known = places.get(&change.id).and_then(|place| undone.get_mut(*place));
        match (known, is_undone(&change)) {
            (None, false) => {
                later.entry(change.id).or_insert(change.who);
            }
            (Some(_), false) => {
                between.entry(change.id).or_insert(change.who);
            }
            (Some(known), true) => match between.get(&change.id) {
                Some(who) => known.left_by = Some(who.clone()),
                None => known.change = change,
            },
            (None, true) => {
                places.insert(change.id.clone(), undone.len());
                undone.push(UndoneChange::new(change));
            }
        }
    }
    for UndoneChange { change, effect, seen, .. } in &mut undone {
        let there = view.by_id(&change.id).filter(|entry| entry.location == Location::Table);
        *seen = there.map(|there| Arc::clone(&there.text));
        *effect = match later.remove(&change.id) {
            Some(who) => UndoEffect::ChangedLaterBy(who),
            None => effect_of(there, change),
        };
    }
    undone
}

fn effect_of(there: Option<&Arc<LedgerEntry>>, change: &PastChange) -> UndoEffect {
    match (&change.before, there) {
        (None, None) => UndoEffect::Nothing,
        (None, Some(_)) => UndoEffect::Removed,
        (Some(before), Some(there)) if **before == *there.text => UndoEffect::Nothing,
        (Some(before), there) => match (crate::policy::Policy::parse(before), there) {
            (Err(_), _) => UndoEffect::NoPolicy,
            (Ok(_), None) => UndoEffect::Returns,
            (Ok(policy), Some(there)) if policy.kind() == &*there.kind => UndoEffect::Reverts,
            (Ok(_), Some(there)) => UndoEffect::TakenByType(there.kind.to_string()),
        },
    }
}

/// Returns the steps that undo changes, each for the row that was seen; a row whose host nobody kept gets `host`.
#[must_use]
pub fn steps(undone: &[UndoneChange], host: &str) -> Vec<UndoStep> {
    let step = |undone: &UndoneChange| {
        let PastChange { id, before, host: published, date, .. } = &undone.change;
        let step = match (&undone.effect, before) {
            (UndoEffect::Removed, _) => UndoStep::Remove { id: id.clone() },
            (UndoEffect::Returns | UndoEffect::Reverts, Some(text)) => UndoStep::Restore(UndoRow {
                id: id.clone(),
                text: text.clone(),
                host: published.clone().unwrap_or_else(|| host.to_owned()),
                date: date.clone(),
            }),
            _ => return None,
        };
        Some(UndoStep::While { seen: undone.seen.clone(), step: Box::new(step) })
    };
    undone.iter().filter_map(step).collect()
}

/// Returns the fingerprint of what undoing changes does: the same as long as it does the same to the same texts.
#[must_use]
pub fn fingerprint(undone: &[UndoneChange]) -> String {
    let mut hash = Sha256::new();
    for UndoneChange { change, effect, seen, .. } in undone {
        // What is left alone stays so, whatever others make of it.
        let is_change = effect.is_change();
        let seen = seen.as_deref().filter(|_| is_change).unwrap_or_default();
        let before = change.before.as_deref().filter(|_| is_change).unwrap_or_default();
        for part in [change.id.as_str(), seen, before] {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
    }
    let mut text = hex::encode(hash.finalize());
    text.truncate(FINGERPRINT);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{
        history::action::HistoryAction,
        view::{
            entry::{LedgerEntry, Position},
            fields::PolicyFields,
        },
    };
    use std::sync::Arc;

    fn text(id: &str, x: u8) -> String {
        format!(r#"{{"d": {{"id": "{id}", "x": {x}}}}}"#)
    }

    fn view(texts: &[String]) -> View {
        let mut view = View::default();
        for (sequence, text) in (1..).zip(texts) {
            let fields = PolicyFields::read(text).unwrap();
            let at = Position { date: "d".into(), sequence, location: Location::Table };
            let id = fields.id.clone().unwrap();
            view.insert(Arc::new(LedgerEntry::new(text.as_str().into(), id.into(), "h".into(), at, Some(&fields))));
        }
        view
    }

    fn change(who: &str, action: HistoryAction, id: &str, before: Option<String>) -> PastChange {
        let (who, kind, id) = (who.to_owned(), "d".to_owned(), id.to_owned());
        PastChange { time: String::new(), who, action, kind, id, before, host: None, date: None }
    }

    #[test]
    fn a_policy_becomes_what_it_was_before_the_first_change() {
        let changes = vec![
            change("a", HistoryAction::Drop, "1", Some(text("1", 3))),
            change("a", HistoryAction::Replace, "1", Some(text("1", 2))),
            change("a", HistoryAction::Replace, "2", Some(text("2", 1))),
            change("a", HistoryAction::Insert, "3", None),
            change("a", HistoryAction::Insert, "4", None),
        ];
        let undone = undone(&view(&[text("2", 9), text("3", 1)]), changes, |_| true);
        let effects: Vec<_> = undone.iter().map(|one| (one.change.id.as_str(), one.effect.clone())).collect();
        assert_eq!(
            effects,
            [
                ("1", UndoEffect::Returns),
                ("2", UndoEffect::Reverts),
                ("3", UndoEffect::Removed),
                ("4", UndoEffect::Nothing)
            ]
        );
        let steps = steps(&undone, "own");
        let UndoStep::While { seen: None, step } = &steps[0] else { panic!("no row was there") };
        let UndoStep::Restore(UndoRow { text: restored, host, .. }) = &**step else { panic!("it returns") };
        assert_eq!((restored.as_str(), host.as_str()), (text("1", 2).as_str(), "own"));
        let UndoStep::While { seen: Some(seen), .. } = &steps[1] else { panic!("a row was there") };
        assert_eq!(&**seen, text("2", 9));
    }

    #[test]
    fn what_others_did_between_two_changes_stays() {
        let changes = || {
            vec![
                change("a", HistoryAction::Replace, "1", Some(text("1", 3))),
                change("a", HistoryAction::Replace, "1", Some(text("1", 2))),
                change("b", HistoryAction::Replace, "1", Some(text("1", 1))),
                change("c", HistoryAction::Replace, "1", Some(text("1", 9))),
                change("a", HistoryAction::Replace, "1", Some(text("1", 0))),
                change("a", HistoryAction::Drop, "2", Some(text("2", 1))),
                change("b", HistoryAction::Insert, "2", None),
            ]
        };
        let undone = |by: &str| undone(&view(&[text("1", 4)]), changes(), |change| change.who == by);
        let by_a = undone("a");
        let effects: Vec<_> = by_a.iter().map(|one| (one.effect.clone(), one.left_by.as_deref())).collect();
        assert_eq!(effects, [(UndoEffect::Reverts, Some("b")), (UndoEffect::Returns, None)]);
        assert_eq!(by_a[0].change.before, Some(text("1", 2)), "what 'b' left");
        let by_b = undone("b");
        assert!(by_b.iter().all(|one| one.effect == UndoEffect::ChangedLaterBy("a".to_owned())), "{by_b:?}");
    }

    #[test]
    fn a_fingerprint_is_about_what_is_done_to_which_texts() {
        let of = |texts: &[String], x: u8| {
            let changes = vec![change("a", HistoryAction::Replace, "1", Some(text("1", x)))];
            fingerprint(&undone(&view(texts), changes, |_| true))
        };
        let there = [text("1", 2)];
        assert_eq!(of(&there, 1).len(), FINGERPRINT);
        assert_eq!(of(&there, 1), of(&there, 1));
        for other in [of(&there, 0), of(&there, 2), of(&[text("1", 3)], 1), of(&[], 1)] {
            assert_ne!(other, of(&there, 1));
        }
    }

    #[test]
    fn what_others_changed_afterwards_is_left_alone() {
        let changes = vec![
            change("b", HistoryAction::Replace, "1", Some(text("1", 2))),
            change("a", HistoryAction::Replace, "1", Some(text("1", 1))),
            change("a", HistoryAction::Replace, "2", Some(text("2", 1))),
            change("b", HistoryAction::Insert, "2", None),
        ];
        let undone = undone(&view(&[text("1", 3), text("2", 2)]), changes, |change| change.who == "a");
        let effects: Vec<_> = undone.iter().map(|one| one.effect.clone()).collect();
        assert_eq!(effects, [UndoEffect::ChangedLaterBy("b".to_owned()), UndoEffect::Reverts]);
        assert_eq!(steps(&undone, "").len(), 1);
    }
}
