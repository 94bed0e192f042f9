//! Lines of the history that are read one by one, so that a long history takes no more memory than somebody allows.

use crate::ledger::history::row::HistoryRow;

/// Bytes of memory that a line takes beside its texts, about.
const LINE: usize = 256;

/// Lines that were read so far.
#[derive(Debug)]
pub struct CollectedLines {
    lines: Vec<HistoryRow>,
    /// Bytes of memory that they take, about, and that they may take.
    taken: u64,
    most: u64,
    unreadable: usize,
}

impl CollectedLines {
    /// Begins with no lines, which may take so many bytes of memory.
    #[must_use]
    pub const fn new(most: u64) -> Self {
        Self { lines: Vec::new(), taken: 0, most, unreadable: 0 }
    }

    /// Adds a line, or counts one that cannot be read; false when they take more memory than they may.
    pub fn add<E>(&mut self, line: Result<HistoryRow, E>) -> bool {
        let Ok(line) = line else {
            self.unreadable += 1;
            return true;
        };
        self.taken = self.taken.saturating_add(size(&line));
        self.lines.push(line);
        self.taken <= self.most
    }

    /// Returns the lines; the log says how many could not be read.
    #[must_use]
    pub fn finish(self) -> Vec<HistoryRow> {
        if self.unreadable > 0 {
            tracing::warn!(lines = self.unreadable, "lines of the history cannot be read and are left out");
        }
        self.lines
    }
}

fn size(line: &HistoryRow) -> u64 {
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let texts = text(&line.before) + text(&line.after) + line.id.len() + line.who.len();
    u64::try_from(LINE + texts).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::history::action::HistoryAction;

    fn line(number: usize) -> HistoryRow {
        HistoryRow {
            time: String::new(),
            who: String::new(),
            action: HistoryAction::Insert,
            kind: String::new(),
            id: number.to_string(),
            before: Some("x".repeat(1000)),
            after: None,
        }
    }

    /// Returns the ids of the lines that there is room for; nothing where there is too little.
    fn read(most: u64) -> Option<Vec<String>> {
        let mut lines = CollectedLines::new(most);
        let fits = (0..5).all(|number| lines.add(if number == 3 { Err(()) } else { Ok(line(number)) }));
        fits.then(|| lines.finish().into_iter().map(|line| line.id).collect())
    }

    #[test]
    fn lines_are_read_as_far_as_there_is_room() {
        assert_eq!(read(10_000).unwrap(), ["0", "1", "2", "4"]);
        assert!(read(4000).is_none());
    }
}
