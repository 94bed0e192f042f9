//! One policy of the view, and where it is stored.

use crate::{
    ledger::view::fields::PolicyFields,
    policy::{Policy, UnreadPolicy},
};
use std::{
    cmp,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Where a policy is stored. In ledger order the rows of the table come before the lines of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Location {
    /// A committed row of the ledger table.
    Table,
    /// A line of the local file that the table does not have (reference/ledger 8.4).
    File,
}

/// The position of a policy in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The date column; empty for a line of the file.
    pub date: Arc<str>,
    /// `sequence_id` of the row, or the number of the line.
    pub sequence: i64,
    /// Row or line.
    pub location: Location,
}

/// A policy of the view. It is kept as its text and read when somebody asks for its value: the value takes five times the
/// memory of the text.
#[derive(Debug)]
pub struct LedgerEntry {
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
    pub location: Location,
    /// True when only this node knows the policy (`"ledger": "local"` in the file).
    pub local: bool,
    /// False for a row whose text is no policy: such rows keep their id, but they are neither listed nor exported.
    pub valid: bool,
    /// What is wrong with the row, whoever wrote it; an operator has to be told. A row with a fault may be valid all the same.
    pub fault: Option<Box<str>>,
    /// There for a committed row that reads `"ledger": "local"` on this node until the next round of the synchroniser
    /// (reference/ledger 8.4). Members get the row as it is stored.
    pub local_until: Option<LocalUntil>,
}

/// The end of the time in which rows read as local. All rows that were published between two rounds share one, so that a round
/// ends it for tens of thousands of them at once.
#[derive(Clone, Debug, Default)]
pub struct LocalUntil(Arc<AtomicBool>);

impl LocalUntil {
    /// Lets the rows read as they are stored from now on.
    pub(crate) fn end(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn is_over(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl LedgerEntry {
    /// Creates an entry from stored text; `fields` are those of the text, absent when it is no policy.
    #[must_use]
    pub fn new(text: Arc<str>, id: Arc<str>, host: Arc<str>, at: Position, fields: Option<&PolicyFields>) -> Self {
        Self {
            text,
            id,
            kind: fields.map_or_else(|| Arc::from(""), |fields| Arc::from(fields.kind.as_str())),
            date: at.date,
            host,
            sequence: at.sequence,
            location: at.location,
            local: at.location == Location::File && fields.is_some_and(|fields| fields.local),
            valid: fields.is_some(),
            fault: None,
            local_until: None,
        }
    }

    /// Reads the policy; absent only for an entry that is not [`LedgerEntry::valid`].
    #[must_use]
    pub fn policy(&self) -> Option<Policy> {
        self.unread().whole()
    }

    /// Returns the policy for who reads as much of it as is needed.
    #[must_use]
    pub fn unread(&self) -> UnreadPolicy<'_> {
        let ledger = self.reads_as_local().then_some("local");
        UnreadPolicy { kind: &self.kind, text: &self.text, ledger }
    }

    /// Tells whether it is a row that reads as local so far.
    #[must_use]
    pub fn reads_as_local(&self) -> bool {
        self.local_until.as_ref().is_some_and(|until| !until.is_over())
    }

    /// Shares what another entry has in common with this one, so that it takes no memory twice.
    pub(crate) fn share(&mut self, other: &Self) {
        for (own, other) in [(&mut self.text, &other.text), (&mut self.id, &other.id), (&mut self.date, &other.date)] {
            if own == other {
                *own = Arc::clone(other);
            }
        }
    }

    /// Returns an entry that stands after every row and before every line of the local file.
    pub(crate) fn before_first_line() -> Self {
        Self::at(Position { date: Arc::from(""), sequence: i64::MIN, location: Location::File })
    }

    /// Returns where the entry stands.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { date: Arc::clone(&self.date), sequence: self.sequence, location: self.location }
    }

    /// Returns an entry that holds nothing, to compare others with.
    pub(crate) fn at(at: Position) -> Self {
        Self::new(Arc::from(""), Arc::from(""), Arc::from(""), at, None)
    }

    /// Compares two entries by their position in ledger order.
    pub(crate) fn compare(&self, other: &Self) -> cmp::Ordering {
        self.order_key().cmp(&other.order_key())
    }

    fn order_key(&self) -> (Location, &str, i64) {
        (self.location, &self.date, self.sequence)
    }
}
