//! What it takes to undo changes: for each policy that they touched, what it was before the first of them.

use crate::ledger::{
    change::{UndoRow, UndoStep},
    history::past_change::PastChange,
    view::{entry::Location, view::View},
};
use std::collections::HashMap;

/// What happens to one policy when changes are undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoneChange {
    /// The first of the changes of the policy that are undone.
    pub change: PastChange,
    /// What is done.
    pub effect: UndoEffect,
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
/// undone, newest first.
#[must_use]
pub fn undone(view: &View, changes: Vec<PastChange>, is_undone: impl Fn(&PastChange) -> bool) -> Vec<UndoneChange> {
    let mut undone: Vec<UndoneChange> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut later: HashMap<String, String> = HashMap::new();
    for change in changes {
        if !is_undone(&change) {
            // What others did before the changes that are undone does not matter; what they did after them does.
            if !places.contains_key(&change.id) {
                later.entry(change.id.clone()).or_insert(change.who);
            }
            continue;
        }
        match places.get(&change.id).and_then(|place| undone.get_mut(*place)) {
            Some(known) => known.change = change,
            None => {
                places.insert(change.id.clone(), undone.len());
                undone.push(UndoneChange { change, effect: UndoEffect::Nothing });
            }
        }
    }
    for UndoneChange { change, effect } in &mut undone {
        *effect = match later.remove(&change.id) {
            Some(who) => UndoEffect::ChangedLaterBy(who),
            None => effect_of(view, change),
        };
    }
    undone
}

fn effect_of(view: &View, change: &PastChange) -> UndoEffect {
    let there = view.by_id(&change.id).filter(|entry| entry.location == Location::Table);
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

/// Returns the steps that undo changes; a row whose host nobody kept gets `host`.
#[must_use]
pub fn steps(undone: &[UndoneChange], host: &str) -> Vec<UndoStep> {
    let step = |undone: &UndoneChange| {
        let PastChange { id, before, host: published, date, .. } = &undone.change;
        match (&undone.effect, before) {
            (UndoEffect::Removed, _) => Some(UndoStep::Remove { id: id.clone() }),
            (UndoEffect::Returns | UndoEffect::Reverts, Some(text)) => Some(UndoStep::Restore(UndoRow {
                id: id.clone(),
                text: text.clone(),
                host: published.clone().unwrap_or_else(|| host.to_owned()),
                date: date.clone(),
            })),
            _ => None,
        }
    };
    undone.iter().filter_map(step).collect()
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
        let UndoStep::Restore(UndoRow { text: restored, host, .. }) = &steps(&undone, "own")[0] else {
            panic!("it returns")
        };
        assert_eq!((restored.as_str(), host.as_str()), (text("1", 2).as_str(), "own"));
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
