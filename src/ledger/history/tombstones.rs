//! The deletions that are remembered, so that neither a local file nor a member's copy brings a deleted policy back.

use crate::runtime::clock;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// Deletions below which nobody looks which of them are old.
const FEW: usize = 1024;

/// Ids that were deleted lately (reference/ledger 8.4).
#[derive(Debug)]
pub struct Tombstones {
    days: u32,
    deleted: HashMap<String, Deletion>,
    /// How many there are when the old ones among them are forgotten: a node that runs for months keeps the days that it has to.
    looked_through_at: usize,
}

/// When a policy was deleted. Both are texts in the form of policy dates.
#[derive(Debug)]
struct Deletion {
    /// When it happened: it is forgotten some days after that.
    time: String,
    /// Policies up to this date are covered.
    until: String,
}

impl Tombstones {
    /// Creates an empty collection of deletions, each of which is remembered for some days.
    #[must_use]
    pub fn new(days: u32) -> Self {
        Self { days, deleted: HashMap::new(), looked_through_at: FEW }
    }

    /// Returns the time before which deletions are forgotten, in the form of policy dates.
    #[must_use]
    pub fn oldest(&self) -> String {
        let age = SignedDuration::from_hours(i64::from(self.days) * 24);
        let oldest = clock::now().checked_sub(age).unwrap_or(Timestamp::UNIX_EPOCH);
        oldest.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
    }

    /// Replaces the deletions by those that the history has: pairs of id and the time up to which a deletion covers.
    pub fn replace(&mut self, deleted: Vec<(String, String)>) {
        let now = clock::policy_date();
        let deletion = |until: String| Deletion { time: until.clone().min(now.clone()), until };
        self.deleted = deleted.into_iter().map(|(id, until)| (id, deletion(until))).collect();
    }

    /// Remembers that a policy with a date was deleted. The date may be later than the time: the node that published it has a
    /// clock that is ahead.
    pub fn deleted(&mut self, id: &str, time: &str, date: Option<&str>) {
        let until = date.map_or(time, |date| date.max(time));
        self.deleted.insert(id.to_owned(), Deletion { time: time.to_owned(), until: until.to_owned() });
        if self.deleted.len() >= self.looked_through_at {
            self.forget_the_old();
        }
    }

    /// Takes note that a policy is there: nothing covers it until it is deleted again.
    pub fn is_there(&mut self, id: &str) {
        self.deleted.remove(id);
    }

    /// Forgets what is older than it has to be remembered. It is looked for again when there are twice as many, so that each deletion
    /// pays for a fixed number of looks.
    fn forget_the_old(&mut self) {
        let oldest = self.oldest();
        self.deleted.retain(|_, deletion| deletion.time > oldest);
        self.looked_through_at = self.deleted.len().saturating_mul(2).max(FEW);
        self.deleted.shrink_to(self.looked_through_at);
    }

    /// Tells whether the id was deleted.
    #[must_use]
    pub fn contains(&self, id: &str) -> bool {
        self.deleted.contains_key(id)
    }

    /// Tells whether a policy is the one that was deleted, or an older one: by its date; without a date it is.
    #[must_use]
    pub fn covers(&self, id: &str, date: Option<&str>) -> bool {
        self.deleted.get(id).is_some_and(|deletion| date.is_none_or(|date| date <= deletion.until.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deletion_covers_what_is_older_until_the_id_is_added_again() {
        let mut tombstones = Tombstones::new(7);
        tombstones.deleted("a", "2026-01-02", None);
        assert!(tombstones.covers("a", Some("2026-01-01")) && tombstones.covers("a", None));
        assert!(!tombstones.covers("a", Some("2026-01-03")) && !tombstones.covers("b", None));
        tombstones.is_there("a");
        assert!(!tombstones.contains("a"));
    }

    #[test]
    fn a_policy_of_a_clock_that_is_ahead_stays_deleted() {
        let mut tombstones = Tombstones::new(7);
        tombstones.deleted("a", "2026-01-02", Some("2026-01-03"));
        assert!(tombstones.covers("a", Some("2026-01-03")) && !tombstones.covers("a", Some("2026-01-04")));
        tombstones.deleted("a", "2026-01-05", Some("2026-01-03"));
        assert!(tombstones.covers("a", Some("2026-01-04")));
    }

    #[test]
    fn what_is_older_than_its_days_is_forgotten_while_others_come() {
        let (mut tombstones, now) = (Tombstones::new(7), Tombstones::new(0).oldest());
        tombstones.deleted("old", "2000-01-02T00:00:00.000000Z", None);
        assert!(tombstones.contains("old"));
        for number in 0..FEW {
            tombstones.deleted(&number.to_string(), &now, None);
        }
        assert!(!tombstones.contains("old") && tombstones.contains("0"));
    }
}
