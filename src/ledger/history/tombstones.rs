//! The deletions that are remembered, so that neither a local file nor a member's copy brings a deleted policy back.

use crate::{ledger::history::action::HistoryAction, runtime::clock};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// Ids that were deleted lately, with the time of the deletion (reference/ledger 8.4).
#[derive(Debug)]
pub struct Tombstones {
    days: u32,
    deleted: HashMap<String, String>,
}

impl Tombstones {
    /// Creates an empty collection of deletions, each of which is remembered for some days.
    #[must_use]
    pub fn new(days: u32) -> Self {
        Self { days, deleted: HashMap::new() }
    }

    /// Returns the time before which deletions are forgotten, in the form of policy dates.
    #[must_use]
    pub fn oldest(&self) -> String {
        let age = SignedDuration::from_hours(i64::from(self.days) * 24);
        let oldest = clock::now().checked_sub(age).unwrap_or(Timestamp::UNIX_EPOCH);
        oldest.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
    }

    /// Replaces the deletions by those that the history has: pairs of id and time.
    pub fn replace(&mut self, deleted: Vec<(String, String)>) {
        self.deleted = deleted.into_iter().collect();
    }

    /// Remembers a change: a deletion from now on, anything else until the next deletion of the same id.
    pub fn record(&mut self, action: HistoryAction, id: &str, time: &str) {
        match action {
            HistoryAction::Drop => drop(self.deleted.insert(id.to_owned(), time.to_owned())),
            HistoryAction::Insert | HistoryAction::Replace | HistoryAction::Clear => drop(self.deleted.remove(id)),
        }
    }

    /// Tells whether the id was deleted.
    #[must_use]
    pub fn contains(&self, id: &str) -> bool {
        self.deleted.contains_key(id)
    }

    /// Tells whether a policy was deleted after its date; without a date it was.
    #[must_use]
    pub fn covers(&self, id: &str, date: Option<&str>) -> bool {
        self.deleted.get(id).is_some_and(|time| date.is_none_or(|date| date <= time.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deletion_covers_what_is_older_until_the_id_is_added_again() {
        let mut tombstones = Tombstones::new(7);
        tombstones.record(HistoryAction::Drop, "a", "2026-01-02");
        assert!(tombstones.covers("a", Some("2026-01-01")) && tombstones.covers("a", None));
        assert!(!tombstones.covers("a", Some("2026-01-03")) && !tombstones.covers("b", None));
        tombstones.record(HistoryAction::Insert, "a", "2026-01-04");
        assert!(!tombstones.contains("a"));
    }
}
