//! Lines that come again and again: each kind may write so many, the rest is told with a count.

use crate::telemetry::line::Line;
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};
use tracing::{Level, callsite::Identifier};

/// Lines of one kind that may come at once; a kind is one place in the program.
const BURST: f64 = 20.0;
/// Lines of one kind in a second for as long as a flood lasts.
const LASTING: f64 = 1.0;
/// Equal lines in [`WINDOW`].
const EQUAL: u32 = 3;
/// Time from the first line that is left out to the line that tells how many were.
pub(super) const WINDOW: Duration = Duration::from_secs(60);

/// What has been written of each kind.
#[derive(Debug, Default)]
pub(super) struct Floods {
    kinds: HashMap<Identifier, Kind>,
    /// When the next count is due.
    due: Option<Instant>,
}

#[derive(Debug)]
struct Kind {
    /// Lines that may be written now.
    room: f64,
    filled: Instant,
    /// The line that was written last, how often and since when.
    likeness: u64,
    equal: u32,
    equal_since: Instant,
    left_out: Option<LeftOut>,
}

#[derive(Debug)]
struct LeftOut {
    count: u64,
    since: Instant,
    /// The last of them.
    line: Line,
    /// True while all of them say the same.
    equal: bool,
}

impl Floods {
    /// Returns the line when it may be written, else counts it.
    pub fn take(&mut self, now: Instant, kind: Identifier, line: Line) -> Option<Line> {
        // Who asks for details wants all of them.
        if line.level > Level::INFO {
            return Some(line);
        }
        let kind = self.kinds.entry(kind).or_insert_with(|| Kind::new(now));
        if kind.may_write(now, line.likeness()) {
            return Some(line);
        }
        let left_out =
            kind.left_out.get_or_insert_with(|| LeftOut { count: 0, since: now, line: line.clone(), equal: true });
        left_out.count += 1;
        left_out.equal &= left_out.line.likeness() == line.likeness();
        left_out.line = line;
        let due = left_out.since + WINDOW;
        self.due = Some(self.due.map_or(due, |earlier| earlier.min(due)));
        None
    }

    /// Tells when the next count is due.
    pub const fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Returns the counts that are due; with `all` those that are not due yet as well.
    pub fn counts(&mut self, now: Instant, all: bool) -> Vec<Line> {
        if !all && self.due.is_none_or(|due| due > now) {
            return Vec::new();
        }
        let mut lines = Vec::new();
        self.due = None;
        for kind in self.kinds.values_mut() {
            match kind.left_out.take() {
                Some(left_out) if all || left_out.since + WINDOW <= now => lines.push(left_out.told(now)),
                Some(left_out) => {
                    let due = left_out.since + WINDOW;
                    self.due = Some(self.due.map_or(due, |earlier| earlier.min(due)));
                    kind.left_out = Some(left_out);
                }
                None => {}
            }
        }
        lines.sort_by_key(|line| line.time);
        lines
    }
}

impl Kind {
    const fn new(now: Instant) -> Self {
        Self { room: BURST, filled: now, likeness: 0, equal: 0, equal_since: now, left_out: None }
    }

    fn may_write(&mut self, now: Instant, likeness: u64) -> bool {
        let passed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.room = BURST.min(passed.mul_add(LASTING, self.room));
        self.filled = now;
        if self.likeness != likeness || now.saturating_duration_since(self.equal_since) >= WINDOW {
            (self.likeness, self.equal, self.equal_since) = (likeness, 0, now);
        }
        if self.equal >= EQUAL || self.room < 1.0 {
            return false;
        }
        self.equal += 1;
        self.room -= 1.0;
        true
    }
}

impl LeftOut {
    /// Returns the line that tells how many were left out, with the words of the last one.
    fn told(self, now: Instant) -> Line {
        let seconds = now.saturating_duration_since(self.since).as_secs();
        let time = if seconds == 0 { String::new() } else { format!(" in {seconds} s") };
        let count = self.count;
        let what = match (self.equal, count) {
            (true, 1) => format!("once more{time}"),
            (true, _) => format!("repeated {count} times{time}"),
            (false, _) => format!("the last of {count} such lines{time} that were left out"),
        };
        let Line { message, mut fields, .. } = self.line;
        fields.push(("repeated", count.into()));
        Line { message: format!("{message} ({what})"), fields, time: jiff::Timestamp::now(), ..self.line }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing::{Metadata, callsite::Callsite, subscriber::Interest};

    struct Place;

    impl Callsite for Place {
        fn set_interest(&self, _: Interest) {}
        fn metadata(&self) -> &Metadata<'_> {
            unreachable!("nobody asks")
        }
    }

    static PLACE: Place = Place;

    fn line(level: Level, message: &str) -> Line {
        Line {
            time: jiff::Timestamp::UNIX_EPOCH,
            level,
            target: "x".to_owned(),
            message: message.to_owned(),
            fields: Vec::new(),
            is_block: false,
        }
    }

    fn kind() -> Identifier {
        Identifier(&PLACE)
    }

    #[test]
    fn equal_lines_are_told_with_their_count() {
        let (mut floods, start) = (Floods::default(), Instant::now());
        let written = (0..217).filter(|_| floods.take(start, kind(), line(Level::WARN, "refused")).is_some()).count();
        assert_eq!(written, 3);
        assert!(floods.counts(start, false).is_empty());
        let told = floods.counts(start + WINDOW, false);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].message, "refused (repeated 214 times in 60 s)");
        assert_eq!(told[0].fields, [("repeated", 214.into())]);
        assert!(floods.take(start + WINDOW, kind(), line(Level::WARN, "refused")).is_some(), "then it is news again");
        assert_eq!(floods.due(), None);
    }

    #[test]
    fn lines_of_one_kind_are_few_in_a_second_whatever_they_say() {
        let (mut floods, start) = (Floods::default(), Instant::now());
        let mut count = |now: Instant| {
            (0..1000).filter(|n| floods.take(now, kind(), line(Level::INFO, &n.to_string())).is_some()).count()
        };
        assert_eq!(count(start), 20);
        assert_eq!(count(start + Duration::from_secs(2)), 2);
        let told = floods.counts(start + Duration::from_secs(2), true);
        assert_eq!(told[0].message, "999 (the last of 1978 such lines in 2 s that were left out)");
    }

    #[test]
    fn details_are_never_left_out() {
        let (mut floods, start) = (Floods::default(), Instant::now());
        assert!((0..1000).all(|_| floods.take(start, kind(), line(Level::DEBUG, "x")).is_some()));
    }
}
