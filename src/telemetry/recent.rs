//! The last lines of the log, for who looks at it from elsewhere than the terminal of the node.

use crate::telemetry::{line::Line, text::said};
use jiff::Timestamp;
use std::{
    collections::VecDeque,
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::watch;
use tracing::Level;

/// Lines that are kept.
pub const RECENT_LINES: usize = 2000;
/// Bytes of their texts.
const RECENT_BYTES: usize = 512 * 1024;
/// Bytes of the text of one line; what is longer is cut.
const LINE_BYTES: usize = 8 * 1024;
/// What stands where a text was cut.
const CUT: &str = " …";
/// Levels by the words that people write, the loudest first.
const LEVELS: [(&str, Level); 5] = [
    ("error", Level::ERROR),
    ("warn", Level::WARN),
    ("info", Level::INFO),
    ("debug", Level::DEBUG),
    ("trace", Level::TRACE),
];

/// There is one log in a process, so there is one ring.
static RECENT: LazyLock<RecentLog> = LazyLock::new(RecentLog::new);

/// One line as it was written, without colours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentLine {
    /// Its number: the first line of the process has 1.
    pub number: u64,
    /// When it was written.
    pub time: Timestamp,
    /// How loud it is.
    pub level: LineLevel,
    /// Which part of the program says it, for example `rest::server`.
    pub room: String,
    /// What it says: the message with its fields behind it. It may have several lines.
    pub text: String,
}

/// How loud a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineLevel(Level);

/// Which lines somebody wants to see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineFilter {
    /// The least loud level; nothing for all lines.
    pub level: Option<LineLevel>,
    /// What stands in the text or in the room, whatever its case; in lower case. Nothing for all lines.
    pub part: String,
}

/// The last lines.
#[derive(Debug)]
pub struct RecentLog {
    lines: Mutex<KeptLines>,
    /// Sees the number of the newest line.
    news: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct KeptLines {
    lines: VecDeque<Arc<RecentLine>>,
    bytes: usize,
    newest: u64,
}

/// Returns the last lines of the log of this process.
#[must_use]
pub fn recent() -> &'static RecentLog {
    &RECENT
}

impl LineLevel {
    /// Returns the words that name levels, the loudest first.
    #[must_use]
    pub fn names() -> [&'static str; 5] {
        LEVELS.map(|(name, _)| name)
    }

    /// Reads the word for a level, in any case.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        LEVELS.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, level)| Self(level))
    }

    /// Returns the word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        LEVELS.into_iter().find(|(_, level)| *level == self.0).map_or("trace", |(name, _)| name)
    }
}

impl LineFilter {
    /// Makes a filter of what somebody wrote.
    #[must_use]
    pub fn new(level: Option<LineLevel>, part: &str) -> Self {
        Self { level, part: part.trim().to_lowercase() }
    }

    /// Tells whether a line is wanted.
    #[must_use]
    pub fn takes(&self, line: &RecentLine) -> bool {
        let is_loud = self.level.is_none_or(|least| line.level.0 <= least.0);
        let has = |text: &str| text.to_lowercase().contains(&self.part);
        is_loud && (self.part.is_empty() || has(&line.room) || has(&line.text))
    }
}

impl RecentLog {
    fn new() -> Self {
        Self { lines: Mutex::default(), news: watch::Sender::new(0) }
    }

    /// Keeps a line; the oldest ones make room.
    pub(super) fn keep(&self, line: &Line) {
        let newest = {
            let mut kept = self.kept();
            kept.newest += 1;
            let line = RecentLine::of(line, kept.newest);
            kept.add(line);
            kept.newest
        };
        self.news.send_replace(newest);
    }

    /// Returns the last lines that a filter takes, at most so many, oldest first.
    #[must_use]
    pub fn last(&self, filter: &LineFilter, most: usize) -> Vec<Arc<RecentLine>> {
        let lines: Vec<_> = self.kept().lines.iter().cloned().collect();
        let mut taken: Vec<_> = lines.into_iter().rev().filter(|line| filter.takes(line)).take(most).collect();
        taken.reverse();
        taken
    }

    /// Returns the lines behind a number, at most so many, oldest first. What is not kept any more is left out: the numbers tell.
    #[must_use]
    pub fn after(&self, number: u64, most: usize) -> Vec<Arc<RecentLine>> {
        let kept = self.kept();
        let from = kept.lines.partition_point(|line| line.number <= number);
        kept.lines.range(from..).take(most).cloned().collect()
    }

    /// Returns the number of the newest line, 0 before there is one.
    #[must_use]
    pub fn newest(&self) -> u64 {
        self.kept().newest
    }

    /// Returns a receiver that sees the number of each newest line.
    #[must_use]
    pub fn news(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    fn kept(&self) -> MutexGuard<'_, KeptLines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeptLines {
    fn add(&mut self, line: RecentLine) {
        self.bytes += line.text.len();
        self.lines.push_back(Arc::new(line));
        while self.lines.len() > RECENT_LINES || self.bytes > RECENT_BYTES {
            let Some(oldest) = self.lines.pop_front() else { break };
            self.bytes -= oldest.text.len();
        }
    }
}

impl RecentLine {
    fn of(line: &Line, number: u64) -> Self {
        let mut text = said(line);
        if text.len() > LINE_BYTES {
            let end = (0..=LINE_BYTES).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
            text.truncate(end);
            text.push_str(CUT);
        }
        Self { number, time: line.time, level: LineLevel(line.level), room: line.room().to_owned(), text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(level: Level, message: &str) -> Line {
        Line {
            time: Timestamp::UNIX_EPOCH,
            level,
            target: "anylog_master::rest::server".to_owned(),
            message: message.to_owned(),
            fields: vec![("port", 1.into()), ("why", "no room".into())],
            is_block: false,
        }
    }

    fn texts(lines: &[Arc<RecentLine>]) -> Vec<&str> {
        lines.iter().map(|line| line.text.as_str()).collect()
    }

    #[test]
    fn lines_are_found_by_level_text_and_number() {
        let log = RecentLog::new();
        for (level, message) in [(Level::INFO, "Listens"), (Level::DEBUG, "looks"), (Level::ERROR, "fails")] {
            log.keep(&line(level, message));
        }
        let all = log.last(&LineFilter::default(), 9);
        assert_eq!(all.first().map(|line| (line.number, line.room.as_str())), Some((1, "rest::server")));
        assert_eq!(texts(&all)[0], "Listens port=1 why=\"no room\"");
        let seen = |level, part| log.last(&LineFilter::new(LineLevel::named(level), part), 9).len();
        assert_eq!((seen("info", ""), seen("ERROR", ""), seen("", "listens"), seen("", "REST::")), (2, 1, 1, 3));
        assert_eq!((seen("warn", "listens"), seen("loud", "no such text")), (0, 0));
        assert_eq!(log.last(&LineFilter::default(), 1)[0].number, 3);
        assert_eq!(log.after(1, 1)[0].number, 2);
        assert!(log.after(3, 9).is_empty() && log.newest() == 3);
    }

    #[test]
    fn the_ring_is_bounded_in_lines_and_bytes() {
        let log = RecentLog::new();
        (0..=RECENT_LINES).for_each(|_| log.keep(&line(Level::INFO, "short")));
        assert_eq!(log.last(&LineFilter::default(), usize::MAX).len(), RECENT_LINES);
        (0..100).for_each(|_| log.keep(&line(Level::INFO, &"ä".repeat(LINE_BYTES))));
        let kept = log.last(&LineFilter::default(), usize::MAX);
        assert!(kept.iter().map(|line| line.text.len()).sum::<usize>() <= RECENT_BYTES);
        assert!(kept.last().is_some_and(|line| line.text.ends_with(CUT)));
        assert_eq!(log.after(0, usize::MAX).len(), kept.len());
    }

    #[tokio::test]
    async fn who_follows_is_told() {
        let log = RecentLog::new();
        let mut news = log.news();
        log.keep(&line(Level::INFO, "one"));
        assert!(news.changed().await.is_ok() && *news.borrow_and_update() == 1);
    }
}
