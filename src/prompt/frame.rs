//! One answer of a watched command, compared with the one before it, and how a terminal shows it.

use crate::prompt::screen::ScreenSize;
use std::collections::HashMap;

/// Takes the cursor to the first place of the screen.
const HOME: &str = "\x1b[H";
/// Empties the rest of the line, and of the screen.
const REST_OF_LINE: &str = "\x1b[K";
const REST_OF_SCREEN: &str = "\x1b[J";
const BOLD: &str = "\x1b[1m";
const PLAIN: &str = "\x1b[0m";

/// The answers of a watched command.
#[derive(Debug, Default)]
pub struct Frames {
    previous: Option<Vec<String>>,
}

/// One answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame {
    /// Its lines; true for a line that the answer before it did not have.
    lines: Vec<(bool, String)>,
    /// How many lines of the answer before it are gone.
    gone: usize,
    is_first: bool,
}

impl Frames {
    /// Takes the next answer. A line is new when the answer before it did not have it, wherever it stood.
    pub fn next(&mut self, text: &str) -> Frame {
        let lines: Vec<String> =
            text.trim_matches(['\r', '\n']).lines().map(|line| line.trim_end().to_owned()).collect();
        let Some(previous) = self.previous.replace(lines.clone()) else {
            return Frame { lines: lines.into_iter().map(|line| (false, line)).collect(), gone: 0, is_first: true };
        };
        let mut left: HashMap<&str, usize> = HashMap::new();
        for line in &previous {
            *left.entry(line).or_default() += 1;
        }
        let marked = lines.into_iter().map(|line| match left.get_mut(line.as_str()) {
            Some(count @ 1..) => {
                *count -= 1;
                (false, line)
            }
            _ => (true, line),
        });
        let lines = marked.collect();
        Frame { lines, gone: left.values().sum(), is_first: false }
    }
}

impl Frame {
    /// Characters in front of each line: the mark of what is new and a blank.
    pub const MARK: usize = 2;

    /// Says in words what is new.
    pub fn news(&self) -> String {
        let new = self.lines.iter().filter(|(is_new, _)| *is_new).count();
        match (self.is_first, new, self.gone) {
            (true, _, _) => "the first answer".to_owned(),
            (_, 0, 0) => "nothing changed".to_owned(),
            (_, new, gone) => format!("{new} lines new, {gone} gone"),
        }
    }

    /// Returns what draws the answer in the place of the one before it, below a title: as many of its lines as the terminal
    /// has, each marked that is new.
    pub fn drawn(&self, title: &str, size: ScreenSize, has_colours: bool) -> String {
        let width = size.columns.saturating_sub(Self::MARK).max(1);
        // The title, an empty line, and a last line that says what is below.
        let room = size.rows.saturating_sub(3).max(1);
        let mut out = HOME.to_owned();
        let mut add = |line: &str, is_new: bool| {
            let (bold, plain) = if is_new && has_colours { (BOLD, PLAIN) } else { ("", "") };
            // What stood there goes first: behind a line that is as long as the terminal, its last letter would go.
            out.push_str(&format!("{REST_OF_LINE}{bold}{line}{plain}\r\n"));
        };
        for line in [title, "Enter, q or Ctrl-C ends"] {
            add(&line.chars().take(size.columns).collect::<String>(), false);
        }
        let rows: Vec<(bool, String)> =
            self.lines.iter().flat_map(|(is_new, line)| rows(*is_new, line, width)).collect();
        for (is_new, row) in rows.iter().take(room) {
            add(&format!("{} {row}", if *is_new { '>' } else { ' ' }), *is_new);
        }
        if rows.len() > room {
            out.push_str(&format!("{REST_OF_LINE}… {} lines more", rows.len() - room));
        }
        out + REST_OF_SCREEN
    }
}

/// Cuts a line into as many rows as it takes.
fn rows(is_new: bool, line: &str, width: usize) -> Vec<(bool, String)> {
    let signs: Vec<char> = line.chars().collect();
    match signs.len() {
        0 => vec![(is_new, String::new())],
        _ => signs.chunks(width).map(|row| (is_new, row.iter().collect())).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: ScreenSize = ScreenSize { columns: 12, rows: 6 };

    #[test]
    fn what_changed_is_told() {
        let mut frames = Frames::default();
        let first = frames.next("\r\nName \r\n a\r\n b\r\n");
        assert_eq!((first.news().as_str(), first.lines.len()), ("the first answer", 3));
        assert_eq!(frames.next("Name\n a\n b").news(), "nothing changed");
        let third = frames.next("Name\n c\n a\n a");
        let new: Vec<&str> = third.lines.iter().filter(|(is_new, _)| *is_new).map(|(_, line)| line.as_str()).collect();
        assert_eq!((new, third.news().as_str()), (vec![" c", " a"], "2 lines new, 1 gone"));
    }

    #[test]
    fn a_frame_fits_the_terminal() {
        let mut frames = Frames::default();
        frames.next("a");
        let frame = frames.next("a\nnew\n123456789012\nx\ny");
        let drawn = frame.drawn("a title that is long", SIZE, false);
        let lines: Vec<&str> = drawn.trim_start_matches(HOME).split("\r\n").collect();
        let line = |text: &str| format!("{REST_OF_LINE}{text}");
        assert_eq!(
            lines,
            [
                line("a title that"),
                line("Enter, q or "),
                line("  a"),
                line("> new"),
                line("> 1234567890"),
                format!("{REST_OF_LINE}… 3 lines more{REST_OF_SCREEN}"),
            ]
        );
        assert!(frame.drawn("t", SIZE, true).contains(&format!("{BOLD}> new{PLAIN}")));
    }
}
