//! Where a list of the policies of now goes on.

use crate::{
    ledger::{LedgerEntry, Location, Position, View},
    runtime::limits,
};
use std::sync::Arc;

/// A place in the list of the policies of now: behind a policy, whether it is still there or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListPlace {
    /// The position that the policy had.
    pub position: Position,
    /// Its id, if it was a line of the local copy: each round of the synchroniser may number the lines anew. Nothing for a row,
    /// which keeps its position, and for an id that is longer than the ledger takes one.
    pub id: Option<Arc<str>>,
}

impl ListPlace {
    /// Returns the place behind a policy.
    #[must_use]
    pub fn behind(entry: &LedgerEntry) -> Self {
        let is_numbered_anew = entry.location == Location::File && entry.id.len() <= limits::POLICY_NAME;
        Self { position: entry.position(), id: is_numbered_anew.then(|| Arc::clone(&entry.id)) }
    }

    /// Returns the position behind which the list goes on: that of the policy as it stands now, and the one that it had where only
    /// that is known.
    #[must_use]
    pub fn position_in(&self, view: &View) -> Position {
        let now = self.id.as_deref().and_then(|id| view.by_id(id));
        now.map_or_else(|| self.position.clone(), |entry| entry.position())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::PolicyFields;

    /// Makes a view of lines of a local copy, each known by its id.
    fn copy(ids: &[&str]) -> View {
        let mut view = View::default();
        for (sequence, id) in (1..).zip(ids) {
            let text = format!(r#"{{"device": {{"id": "{id}"}}}}"#);
            let at = Position { date: "".into(), sequence, location: Location::File };
            let fields = PolicyFields::read(&text);
            view.insert(Arc::new(LedgerEntry::new(text.into(), (*id).into(), "".into(), at, fields.as_ref())));
        }
        view
    }

    fn behind(view: &View, place: &ListPlace) -> Vec<String> {
        view.listed(None, Some(place.position_in(view))).map(|entry| entry.id.to_string()).collect()
    }

    #[test]
    fn a_list_goes_on_behind_the_policy_also_when_lines_are_numbered_anew() {
        let before = copy(&["a", "b", "c", "d"]);
        let place = ListPlace::behind(before.by_id("b").unwrap());
        assert_eq!(behind(&before, &place), ["c", "d"]);
        assert_eq!(behind(&copy(&["b", "c", "d"]), &place), ["c", "d"], "nothing is left out");
        assert_eq!(behind(&copy(&["0", "a", "b", "c", "d"]), &place), ["c", "d"], "nothing is repeated");
        assert_eq!(behind(&copy(&["a", "c", "d"]), &place), ["d"], "of one that is gone the number is left");
    }

    #[test]
    fn a_row_keeps_its_position_and_an_id_has_to_fit() {
        let at = |location| Position { date: "d".into(), sequence: 1, location };
        let entry = |id: &str, location| LedgerEntry::new("".into(), id.into(), "".into(), at(location), None);
        let (row, line) = (entry("a", Location::Table), entry(&"x".repeat(limits::POLICY_NAME + 1), Location::File));
        assert_eq!(ListPlace::behind(&row), ListPlace { position: at(Location::Table), id: None });
        assert_eq!(ListPlace::behind(&line).id, None);
    }
}
