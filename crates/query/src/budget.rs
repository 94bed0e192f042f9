//! What one query may use: steps, rows, bytes, and the time until somebody says that it has to end.

use serde_json::{Map, Value};
use std::{cell::Cell, mem};

/// Steps between two looks whether the query has to end. One step may be the first reading of a large policy, which takes
/// milliseconds; a look takes as long as a few steps of the usual kind.
const STEPS_BETWEEN_LOOKS: u64 = 16;
/// Bytes that are read in the time of one step.
const BYTES_PER_STEP: u64 = 64;
/// Bytes of memory that an attribute takes beside its texts: its place in the map, in the table of the map, and the
/// allocations around both.
const ATTRIBUTE: u64 = 128;

/// What a query may use at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Steps: a policy that is looked at, a part of a condition that is evaluated, 64 bytes that are read.
    pub steps: u64,
    /// Rows that are kept, those that go into a join included.
    pub rows: u64,
    /// Bytes of memory that rows and answer take, about.
    pub bytes: u64,
}

impl Limits {
    /// No limits, for queries of the program itself over few policies.
    pub const NONE: Self = Self { steps: u64::MAX, rows: u64::MAX, bytes: u64::MAX };
}

/// Why a query was ended before it had its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Exhausted {
    /// It took more steps than it was given.
    #[error("the query takes more than {0} steps: ask for less, or with conditions that choose fewer policies")]
    Steps(u64),
    /// It keeps too many rows.
    #[error("the query keeps more than {0} rows: ask for less, or with conditions that choose fewer policies")]
    Rows(u64),
    /// It takes too much memory.
    #[error("the query takes more than {0} bytes: ask for less, or show single attributes with 'bring'")]
    Bytes(u64),
    /// Its time is over.
    #[error("the query takes longer than {0} ms: ask for less, or with conditions that choose fewer policies")]
    Time(u128),
    /// Nobody waits for it any more, or the node stops.
    #[error("the query was given up")]
    GivenUp,
}

/// Tells why a query has to end now, if it has to.
pub type Watch<'a> = &'a dyn Fn() -> Option<Exhausted>;

/// What one query has left. The loops of a query charge it before they do their work.
pub struct Budget<'a> {
    limits: Limits,
    steps: Cell<u64>,
    rows: Cell<u64>,
    bytes: Cell<u64>,
    next_look: Cell<u64>,
    watch: Watch<'a>,
}

impl<'a> Budget<'a> {
    /// Gives a query these limits; it also ends when `watch` says so.
    #[must_use]
    pub fn new(limits: Limits, watch: Watch<'a>) -> Self {
        let zero = || Cell::new(0);
        Self { limits, steps: zero(), rows: zero(), bytes: zero(), next_look: Cell::new(STEPS_BETWEEN_LOOKS), watch }
    }

    /// Gives a query these limits; it also ends when `watch` says so, but not before it has taken so many steps.
    #[must_use]
    pub fn watched_from(steps: u64, limits: Limits, watch: Watch<'a>) -> Self {
        let budget = Self::new(limits, watch);
        budget.next_look.set(steps);
        budget
    }

    /// Gives a query no limits.
    #[must_use]
    pub fn unlimited() -> Self {
        Self::new(Limits::NONE, &|| None)
    }

    /// Charges steps.
    ///
    /// # Errors
    /// When there are none left, or the query has to end.
    pub fn work(&self, steps: u64) -> Result<(), Exhausted> {
        let taken = self.steps.get().saturating_add(steps);
        self.steps.set(taken);
        if taken > self.limits.steps {
            return Err(Exhausted::Steps(self.limits.steps));
        }
        if taken < self.next_look.get() {
            return Ok(());
        }
        self.next_look.set(taken.saturating_add(STEPS_BETWEEN_LOOKS));
        (self.watch)().map_or(Ok(()), Err)
    }

    /// Charges a step and the reading of so many bytes.
    ///
    /// # Errors
    /// Like [`Budget::work`].
    pub fn read(&self, bytes: usize) -> Result<(), Exhausted> {
        self.work(1 + count(bytes) / BYTES_PER_STEP)
    }

    /// Charges one row that is kept.
    ///
    /// # Errors
    /// When there are none left.
    pub fn keep_row(&self) -> Result<(), Exhausted> {
        self.rows.set(self.rows.get().saturating_add(1));
        if self.rows.get() > self.limits.rows {
            return Err(Exhausted::Rows(self.limits.rows));
        }
        self.keep(mem::size_of::<Value>() * 2)
    }

    /// Charges bytes that are kept.
    ///
    /// # Errors
    /// When there are none left.
    pub fn keep(&self, bytes: usize) -> Result<(), Exhausted> {
        self.keep_bytes(count(bytes))
    }

    /// Charges the memory of a value.
    ///
    /// # Errors
    /// When there is none left.
    pub fn keep_value(&self, value: &Value) -> Result<(), Exhausted> {
        self.keep_bytes(size(value))
    }

    /// Charges the memory of an object.
    ///
    /// # Errors
    /// When there is none left.
    pub fn keep_map(&self, map: &Map<String, Value>) -> Result<(), Exhausted> {
        self.keep_bytes(map_size(map))
    }

    fn keep_bytes(&self, bytes: u64) -> Result<(), Exhausted> {
        self.work(1 + bytes / BYTES_PER_STEP)?;
        self.bytes.set(self.bytes.get().saturating_add(bytes));
        if self.bytes.get() > self.limits.bytes {
            return Err(Exhausted::Bytes(self.limits.bytes));
        }
        Ok(())
    }
}

/// Returns a length as the type that budgets count in.
fn count(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

/// Returns the bytes of memory that a value takes, about.
fn size(value: &Value) -> u64 {
    let inside = match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => count(text.len()),
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(map) => map_size(map),
    };
    inside.saturating_add(count(mem::size_of::<Value>()))
}

fn map_size(map: &Map<String, Value>) -> u64 {
    map.iter().map(|(key, value)| count(key.len()).saturating_add(ATTRIBUTE).saturating_add(size(value))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_over_a_limit_ends_the_query() {
        let limits = Limits { steps: 10, rows: 2, bytes: 10_000 };
        let budget = Budget::new(limits, &|| None);
        assert_eq!(budget.work(10), Ok(()));
        assert_eq!(budget.work(1), Err(Exhausted::Steps(10)));
        let budget = Budget::new(Limits { steps: u64::MAX, ..limits }, &|| None);
        assert_eq!(
            [budget.keep_row(), budget.keep_row(), budget.keep_row()],
            [Ok(()), Ok(()), Err(Exhausted::Rows(2))]
        );
        let budget = Budget::new(Limits { steps: u64::MAX, ..limits }, &|| None);
        assert_eq!(budget.keep_value(&json!({"a": "x".repeat(20_000)})), Err(Exhausted::Bytes(10_000)));
    }

    #[test]
    fn whoever_watches_is_asked_from_time_to_time() {
        let asked = Cell::new(0);
        let watch = || {
            asked.set(asked.get() + 1);
            (asked.get() == 3).then_some(Exhausted::GivenUp)
        };
        let budget = Budget::new(Limits::NONE, &watch);
        let steps = (0..10_000).take_while(|_| budget.work(1).is_ok()).count();
        assert_eq!((steps, asked.get()), (3 * 16 - 1, 3));
    }

    #[test]
    fn whoever_watches_may_come_later() {
        let watch = || Some(Exhausted::GivenUp);
        let budget = Budget::watched_from(1000, Limits::NONE, &watch);
        assert_eq!((0..10_000).take_while(|_| budget.work(1).is_ok()).count(), 999);
        let budget = Budget::watched_from(1000, Limits { steps: 10, ..Limits::NONE }, &watch);
        assert_eq!(budget.work(11), Err(Exhausted::Steps(10)), "limits hold from the first step on");
    }
}
