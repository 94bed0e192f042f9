//! The last entries of one log.

use super::{Kind, Record};
use jiff::Timestamp;
use std::{borrow::Cow, collections::VecDeque};

/// A bounded list of entries; the oldest makes room for the newest.
#[derive(Debug)]
pub(super) struct Ring {
    capacity: usize,
    records: VecDeque<Record>,
}

impl Ring {
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, records: VecDeque::new() }
    }

    /// Adds an entry, or counts it when the newest entry says the same and comes from the same thread.
    pub(super) fn push(&mut self, (id, time): (u64, Timestamp), thread: &str, kind: Kind, text: Cow<'_, str>) {
        if let Some(last) = self.records.back_mut()
            && last.text == text
            && last.thread == thread
            && last.kind == kind
        {
            last.count += 1;
            last.time = time;
            return;
        }
        if self.records.len() >= self.capacity {
            self.records.pop_front();
        }
        self.records.push_back(Record { id, count: 1, thread: thread.to_owned(), time, kind, text: text.into_owned() });
    }

    pub(super) fn records(&self) -> impl Iterator<Item = &Record> {
        self.records.iter()
    }

    pub(super) fn clear(&mut self) {
        self.records.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_neighbours_of_one_thread_are_counted() {
        let mut ring = Ring::new(3);
        for (id, thread, text) in [(1, "a", "x"), (2, "a", "x"), (3, "b", "x"), (4, "a", "x")] {
            ring.push((id, Timestamp::now()), thread, Kind::Event, text.into());
        }
        let counts: Vec<(u64, u64)> = ring.records().map(|record| (record.id, record.count)).collect();
        assert_eq!(counts, [(1, 2), (3, 1), (4, 1)]);
    }

    #[test]
    fn the_oldest_entry_makes_room() {
        let mut ring = Ring::new(2);
        for id in 1..=5 {
            ring.push((id, Timestamp::now()), "a", Kind::Error, id.to_string().into());
        }
        assert_eq!(ring.records().map(|record| record.id).collect::<Vec<_>>(), [4, 5]);
    }
}
