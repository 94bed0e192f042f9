//! Marks of a merge that nobody finished: two versions of the same lines in one file.

use crate::config::mistake::Mistake;
use std::path::Path;

/// Where the marks stand, and which lines are of the other side.
#[derive(Debug, Default)]
pub struct ConflictMarks {
    /// First and last line of each conflict, from 1.
    conflicts: Vec<(usize, usize)>,
    /// Lines that are not read: the marks and the second side, by index.
    left_out: Vec<bool>,
}

impl ConflictMarks {
    /// Finds the marks of a file. The first side of each conflict is read, so that the rest is judged as well.
    pub fn of(lines: &[&str]) -> Self {
        let mut marks = Self::default();
        // Where the conflict began, and whether its second side has.
        let mut open: Option<(usize, bool)> = None;
        for (at, line) in lines.iter().enumerate() {
            let is = |mark: &str| line.strip_prefix(mark).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
            let mut left_out = true;
            if is("<<<<<<<") {
                open = Some((at + 1, false));
            } else if is(">>>>>>>") {
                let first = open.take().map_or(at + 1, |(first, _)| first);
                marks.conflicts.push((first, at + 1));
            } else if is("=======") || is("|||||||") {
                let first = open.map_or(at + 1, |(first, _)| first);
                open = Some((first, true));
            } else {
                left_out = open.is_some_and(|(_, second)| second);
            }
            marks.left_out.push(left_out);
        }
        marks.conflicts.extend(open.map(|(first, _)| (first, lines.len())));
        marks
    }

    /// Tells whether a line is a mark, or of the second side.
    pub fn leaves_out(&self, at: usize) -> bool {
        self.left_out.get(at).copied().unwrap_or_default()
    }

    /// Returns the one mistake that all marks are.
    pub fn mistake(&self, path: &Path) -> Option<Mistake> {
        let (first, _) = self.conflicts.first()?;
        let ranges: Vec<String> = self.conflicts.iter().map(|(first, last)| format!("{first}-{last}")).collect();
        let lines = match ranges.split_last() {
            Some((last, before @ [_, ..])) => format!("{} and {last}", before.join(", ")),
            _ => ranges.join(""),
        };
        Some(Mistake {
            place: format!("{}:{first}", path.display()),
            written: String::new(),
            reason: format!("conflict marks of git in lines {lines}"),
            expected: "two versions of these lines stand in the file; keep one of each, and remove the marks"
                .to_owned(),
        })
    }
}
