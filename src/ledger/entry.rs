//! One policy of the view with where it stands.

use crate::{ledger::facts::Facts, policy::Policy};
use std::{
    cmp::Ordering,
    sync::{Arc, OnceLock},
};

/// Where an entry is kept; rows come before lines in ledger order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A committed row of the ledger table.
    Table,
    /// A line of the local file that the table does not have (reference/ledger 8.4).
    File,
}

/// A policy of the view. The parsed value is made at first use, so a large ledger costs its text.
#[derive(Debug)]
pub struct Entry {
    /// Stored text of the whole policy (reference/ledger 1.3), unchanged.
    pub text: Arc<str>,
    /// The id as text.
    pub id: Arc<str>,
    /// The policy type.
    pub kind: Arc<str>,
    /// The date column of the row, by which the ledger is ordered; empty for lines of the file.
    pub date: Arc<str>,
    /// The node that published it.
    pub host: Arc<str>,
    /// `sequence_id` of the row, or the number of the line.
    pub sequence: i64,
    /// Row or line.
    pub place: Place,
    /// True when only this node knows the policy (`"ledger": "local"` in the file).
    pub local: bool,
    /// False for a row whose text is no policy; such rows are exported but never listed.
    pub valid: bool,
    /// True for a committed row that reads as local here until the next round (reference/ledger 8.4); members get it as it is.
    pub unsettled: bool,
    policy: OnceLock<Option<Box<Policy>>>,
}

/// Where an entry stands, for [`Entry::new`].
#[derive(Clone, Debug)]
pub struct Position {
    /// The date column.
    pub date: Arc<str>,
    /// `sequence_id` or line number.
    pub sequence: i64,
    /// Row or line.
    pub place: Place,
}

impl Entry {
    /// Creates an entry from stored text; `facts` are those of the text, absent when it is no policy.
    #[must_use]
    pub fn new(text: Arc<str>, id: Arc<str>, host: Arc<str>, at: Position, facts: Option<&Facts>) -> Self {
        Self {
            text,
            id,
            kind: facts.map_or_else(|| Arc::from(""), |f| Arc::from(f.kind.as_str())),
            date: at.date,
            host,
            sequence: at.sequence,
            place: at.place,
            local: at.place == Place::File && facts.is_some_and(|f| f.local),
            valid: facts.is_some(),
            unsettled: false,
            policy: OnceLock::new(),
        }
    }

    /// Returns the parsed policy; absent only for an entry that is not [`Entry::valid`].
    #[must_use]
    pub fn policy(&self) -> Option<&Policy> {
        self.policy.get_or_init(|| self.parse().map(Box::new)).as_deref()
    }

    fn parse(&self) -> Option<Policy> {
        let mut policy = Policy::parse(&self.text).ok()?;
        if self.unsettled {
            policy.set_ledger("local");
        }
        Some(policy)
    }

    /// Returns the entry as it reads from the next round on.
    pub(super) fn settled(&self) -> Self {
        Self {
            text: Arc::clone(&self.text),
            id: Arc::clone(&self.id),
            kind: Arc::clone(&self.kind),
            date: Arc::clone(&self.date),
            host: Arc::clone(&self.host),
            unsettled: false,
            policy: OnceLock::new(),
            ..*self
        }
    }

    /// Returns an entry before every line of the local file and after every row.
    pub(super) fn first_line() -> Self {
        let at = Position { date: Arc::from(""), sequence: i64::MIN, place: Place::File };
        Self::new(Arc::from(""), Arc::from(""), Arc::from(""), at, None)
    }

    /// Compares two entries by their place in ledger order.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }

    fn key(&self) -> (Place, &str, i64) {
        (self.place, &self.date, self.sequence)
    }
}

/// An entry compared by its place in ledger order: `date`, then `sequence_id` (reference/ledger 4.4).
#[derive(Clone, Debug)]
pub struct Ranked(pub Arc<Entry>);

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Ranked {}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.compare(&other.0)
    }
}
