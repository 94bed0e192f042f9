//! The last entries of one log.

use super::log::{LogKind, LogRecord};
use crate::runtime::clock;
use std::collections::VecDeque;

/// A bounded list of entries; the oldest makes room for the newest.
#[derive(Debug)]
pub(super) struct Ring {
    capacity: usize,
    records: VecDeque<LogRecord>,
}

impl Ring {
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, records: VecDeque::new() }
    }

    /// Adds an entry, whose text comes in parts, or counts it when the newest entry says the same and comes from the same
    /// thread.
    ///
    /// A full ring writes the newest entry into the texts of the oldest, so that most entries need no memory of their own.
    pub(super) fn push(&mut self, id: u64, thread: &str, kind: LogKind, text: &[&str]) {
        let time = clock::now();
        if let Some(last) = self.records.back_mut()
            && is_joined(&last.text, text)
            && last.thread == thread
            && last.kind == kind
        {
            last.count += 1;
            last.time = time;
            return;
        }
        let oldest = if self.records.len() < self.capacity { None } else { self.records.pop_front() };
        let (mut own_thread, mut own_text) = oldest.map(|record| (record.thread, record.text)).unwrap_or_default();
        thread.clone_into(&mut own_thread);
        own_text.clear();
        own_text.extend(text.iter().copied());
        self.records.push_back(LogRecord { id, count: 1, thread: own_thread, time, kind, text: own_text });
    }

    pub(super) fn records(&self) -> impl Iterator<Item = &LogRecord> {
        self.records.iter()
    }

    pub(super) fn clear(&mut self) {
        self.records.clear();
    }
}

/// Tells whether a text consists of the parts.
fn is_joined(text: &str, parts: &[&str]) -> bool {
    parts.iter().try_fold(text, |rest, part| rest.strip_prefix(part)).is_some_and(str::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_neighbours_of_one_thread_are_counted() {
        let mut ring = Ring::new(3);
        for (id, thread, text) in [(1, "a", "xy"), (2, "a", "xy"), (3, "b", "xy"), (4, "a", "xy")] {
            let parts = text.split_at(usize::try_from(id % 3).unwrap());
            ring.push(id, thread, LogKind::Event, &[parts.0, parts.1]);
        }
        let counts: Vec<(u64, u64)> = ring.records().map(|record| (record.id, record.count)).collect();
        assert_eq!(counts, [(1, 2), (3, 1), (4, 1)]);
    }

    #[test]
    fn the_oldest_entry_makes_room() {
        let mut ring = Ring::new(2);
        for id in 1..=5 {
            ring.push(id, "a", LogKind::Error, &[&id.to_string()]);
        }
        assert_eq!(ring.records().map(|record| record.id).collect::<Vec<_>>(), [4, 5]);
    }
}
