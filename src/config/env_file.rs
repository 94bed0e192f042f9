//! The env file as real deployments write it: cut into assignments, each with its place, as it is written.

use crate::config::{
    companion::Companion, conflict_marks::ConflictMarks, file_access, mistake::Mistake, readers::closes,
};
use std::{
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
};

/// One assignment of the file, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Number of its first line, from 1.
    pub number: usize,
    /// Name of the variable.
    pub name: String,
    /// What stands behind the name and its sign; more than one line where a quoted text goes on.
    pub text: String,
    /// The whole, as other readers of the file meet it.
    pub statement: String,
    /// True for `NAME: value`.
    pub colon: bool,
}

/// A line that is no assignment and should be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongLine {
    /// The variable that it wants to set, where that can be seen.
    pub name: Option<String>,
    /// What is wrong.
    pub mistake: Mistake,
}

/// A whole env file.
#[derive(Clone, Debug, Default)]
pub struct EnvFile {
    /// Where it was read from.
    pub path: Arc<PathBuf>,
    /// Its lines, without their ends.
    pub lines: Vec<String>,
    /// Its assignments in order; a name may be there more than once, the last one counts.
    pub assignments: Vec<Assignment>,
    /// Lines that are none.
    pub wrong: Vec<WrongLine>,
    /// What is worth a warning.
    pub warnings: Vec<String>,
    /// The file beside it that compose reads.
    pub companion: Companion,
}

/// What a line is.
enum Line<'a> {
    Empty,
    Assignment {
        name: &'a str,
        text: &'a str,
        colon: bool,
    },
    /// A name alone, which Docker and compose take from their own environment.
    Name(&'a str),
    Wrong {
        shown: &'a str,
        reason: &'static str,
    },
}

impl EnvFile {
    /// Reads a file; one that cannot be read is a mistake too.
    #[must_use]
    pub fn read(path: PathBuf) -> Self {
        match std::fs::read(&path) {
            Ok(bytes) => Self { companion: Companion::of(&path), ..Self::parse(path, &bytes) },
            Err(error) => {
                let mistake = file_access::refused(&path, &error);
                Self::of(path, vec![WrongLine { name: None, mistake }])
            }
        }
    }

    /// Tells whether a file has no name any more: another one was put in its place, and whoever still sees it does so
    /// through a volume that names it alone.
    #[must_use]
    pub fn is_replaced(path: &Path) -> bool {
        std::fs::metadata(path).is_ok_and(|file| file.is_file() && file.nlink() == 0)
    }

    /// Reads the bytes of a file.
    #[must_use]
    pub fn parse(path: PathBuf, bytes: &[u8]) -> Self {
        let mut file = Self::of(path, Vec::new());
        let whole = file_access::no_env_file(&file.path, bytes);
        if let Some(mistake) = whole {
            file.wrong.push(WrongLine { name: None, mistake });
            return file;
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let texts: Vec<_> = bytes.split(|b| *b == b'\n').map(String::from_utf8_lossy).collect();
        let lines: Vec<&str> = texts.iter().map(|line| line.strip_suffix('\r').unwrap_or(line)).collect();
        let marks = ConflictMarks::of(&lines);
        let mut at = 0;
        while let Some(line) = lines.get(at) {
            at += if marks.leaves_out(at) { 1 } else { file.take(&lines, at, line) };
        }
        let path = Arc::clone(&file.path);
        file.lines = lines.iter().map(|line| (*line).to_owned()).collect();
        if file.lines.last().is_some_and(String::is_empty) {
            file.lines.pop();
        }
        file.wrong.extend(marks.mistake(&path).map(|mistake| WrongLine { name: None, mistake }));
        file
    }

    fn of(path: PathBuf, wrong: Vec<WrongLine>) -> Self {
        Self { path: Arc::new(path), wrong, ..Self::default() }
    }

    /// Reads the line at an index and returns how many lines belong to it.
    fn take(&mut self, lines: &[&str], at: usize, line: &str) -> usize {
        match read_line(line) {
            Line::Empty => {}
            Line::Name(name) => self.warnings.push(format!(
                "{}:{}: {name} stands there without =; Docker and compose take such a variable from their own environment, \
                 this node too",
                self.path.display(),
                at + 1
            )),
            Line::Wrong { shown, reason } => self.refuse(at, None, shown, reason),
            Line::Assignment { name, .. } if line.contains('\u{fffd}') => {
                self.refuse(at, Some(name), name, "it is not UTF-8");
                if let Some(wrong) = self.wrong.last_mut() {
                    "save the file as UTF-8".clone_into(&mut wrong.mistake.expected);
                }
            }
            Line::Assignment { name, text, colon } => {
                let count = if closes(text) { 1 } else { goes_on(lines, at, text).unwrap_or(1) };
                let more = lines.get(at + 1..at + count).unwrap_or_default();
                let whole = |first: &str| std::iter::once(first).chain(more.iter().copied()).collect::<Vec<_>>().join("\n");
                let (name, text, statement) = (name.to_owned(), whole(text), whole(line));
                self.assignments.push(Assignment { number: at + 1, name, text, statement, colon });
                return count;
            }
        }
        1
    }

    fn refuse(&mut self, at: usize, name: Option<&str>, shown: &str, reason: &str) {
        let mistake = Mistake {
            place: format!("{}:{}", self.path.display(), at + 1),
            written: shown.to_owned(),
            reason: reason.to_owned(),
            expected: "expected NAME=value, NAME=\"value\" or a comment after #".to_owned(),
        };
        self.wrong.push(WrongLine { name: name.map(str::to_owned), mistake });
    }
}

/// Tells what a line is.
fn read_line(line: &str) -> Line<'_> {
    let line = line.trim_start();
    let line = line.strip_prefix("export").filter(|rest| rest.starts_with([' ', '\t'])).unwrap_or(line).trim_start();
    if line.is_empty() || line.starts_with('#') {
        return Line::Empty;
    }
    let Some(end) = line.find(['=', ':']) else {
        let name = line.trim_end();
        let is_variable = is_name(name) && !name.contains(|c: char| c.is_ascii_lowercase());
        let shown = name.split(' ').next().unwrap_or_default();
        return if is_variable {
            Line::Name(name)
        } else {
            Line::Wrong { shown, reason: "there is no = after the name" }
        };
    };
    let (name, rest) = line.split_at(end);
    let (name, colon) = (name.trim(), rest.starts_with(':'));
    if is_name(name) {
        return Line::Assignment { name, text: rest.get(1..).unwrap_or_default(), colon };
    }
    let reason = if colon { "there is no = after the name" } else { "this is no name of a variable" };
    Line::Wrong { shown: if colon { name.split(' ').next().unwrap_or_default() } else { name }, reason }
}

fn is_name(name: &str) -> bool {
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.')
}

/// Returns how many lines a quoted text takes that its first line does not close. Where an assignment comes before the
/// other quote, or something behind it, the quote was forgotten: such a text is one line.
fn goes_on(lines: &[&str], at: usize, text: &str) -> Option<usize> {
    let mut whole = text.to_owned();
    for (more, line) in lines.get(at + 1..)?.iter().enumerate() {
        if is_assignment(line) {
            return None;
        }
        whole.push('\n');
        whole.push_str(line);
        if closes(&whole) {
            return Some(more + 2);
        }
    }
    None
}

/// Tells whether a line begins as assignments of env files do: a name in capitals, and its sign.
fn is_assignment(line: &str) -> bool {
    matches!(read_line(line), Line::Assignment { name, colon: false, .. } if !name.contains(|c: char| c.is_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(text: &str) -> Vec<(String, String)> {
        let file = EnvFile::parse("f.env".into(), text.as_bytes());
        assert_eq!(file.wrong, [], "{text}");
        file.assignments.into_iter().map(|l| (l.name, l.text)).collect()
    }

    #[test]
    fn lines_are_cut_as_every_reader_of_the_field_cuts_them() {
        for (line, name, text) in [
            ("COMPANY_NAME=New Company", "COMPANY_NAME", "New Company"),
            ("  export  CITY = San Mateo\r", "CITY", " San Mateo"),
            ("export\tCITY=x", "CITY", "x"),
            ("CITY: \"x\"", "CITY", " \"x\""),
            ("URL=http://x:1", "URL", "http://x:1"),
            ("CONTRACT=a=b=c", "CONTRACT", "a=b=c"),
            ("KEY=\"a\nb\" # more", "KEY", "\"a\nb\" # more"),
        ] {
            assert_eq!(texts(line), [(name.to_owned(), text.to_owned())], "{line}");
        }
        assert_eq!(texts("\u{feff}# only\n\n   # comments\n#-- x=y --\n# Z\u{fffd}\n"), []);
        assert_eq!(texts("export EXPORT=1")[0].0, "EXPORT");
    }

    #[test]
    fn wrong_lines_are_all_reported_with_their_numbers() {
        let text = b"A=1\nNODE NAME=x\nnothing\nB=\xff\nC=3\n# \xff\nDB_PASSWD\n";
        let file = EnvFile::parse("f.env".into(), text);
        let places: Vec<_> = file.wrong.iter().map(|wrong| wrong.mistake.place.as_str()).collect();
        assert_eq!(places, ["f.env:2", "f.env:3", "f.env:4"]);
        assert!(file.wrong[2].mistake.to_string().ends_with("it is not UTF-8; save the file as UTF-8"));
        assert_eq!(file.assignments.len(), 2);
        assert!(file.warnings[0].starts_with("f.env:7: DB_PASSWD stands there without ="), "{:?}", file.warnings);
    }

    #[test]
    fn a_forgotten_quote_takes_one_line_and_no_more() {
        let file = EnvFile::parse("f.env".into(), b"A=\"\nB=\"x\"\nC='\n");
        let numbers: Vec<_> = file.assignments.iter().map(|a| (a.number, a.text.as_str())).collect();
        assert_eq!(numbers, [(1, "\""), (2, "\"x\""), (3, "'")]);
    }

    #[test]
    fn a_file_that_lost_its_name_was_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("my.env");
        std::fs::write(&path, "A=1\n").unwrap();
        let open = std::fs::File::open(&path).unwrap();
        let seen = std::os::fd::AsRawFd::as_raw_fd(&open);
        let seen = PathBuf::from(format!("/proc/self/fd/{seen}"));
        assert!(!EnvFile::is_replaced(&seen) && !EnvFile::is_replaced(&path));
        std::fs::write(directory.path().join("new"), "A=2\n").unwrap();
        std::fs::rename(directory.path().join("new"), &path).unwrap();
        assert!(EnvFile::is_replaced(&seen) && !EnvFile::is_replaced(&path));
    }

    #[test]
    fn conflict_marks_are_one_mistake_and_one_side_is_read() {
        let text = "A=1\n<<<<<<< HEAD:x\nB=1\n=======\nB=2\n>>>>>>> other\nC=1\n<<<<<<< HEAD\nD=1\n";
        let file = EnvFile::parse("f.env".into(), text.as_bytes());
        let [wrong] = &file.wrong[..] else { panic!("{:?}", file.wrong) };
        let said = wrong.mistake.to_string();
        assert!(said.starts_with("f.env:2: conflict marks of git in lines 2-6 and 8-10"), "{said}");
        let names: Vec<_> = file.assignments.iter().map(|a| (a.number, a.name.as_str())).collect();
        assert_eq!(names, [(1, "A"), (3, "B"), (7, "C"), (9, "D")]);
    }

    #[test]
    fn what_is_no_env_file_is_one_mistake() {
        for (bytes, part) in [
            (&b"\xff\xfeA\0=\x001\0"[..], "UTF-16"),
            (b"A=1\0", "it is no text"),
            (b"anylog_configs.env", "symbolic link that became a text"),
            (b"../anylog_configs.env\n", "symbolic link that became a text"),
        ] {
            let file = EnvFile::parse("f.env".into(), bytes);
            assert!(file.wrong.len() == 1 && file.wrong[0].mistake.reason.contains(part), "{:?}", file.wrong);
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_counts_lines(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let file = EnvFile::parse("f".into(), &bytes);
            let lines = bytes.split(|b| *b == b'\n').count();
            prop_assert!(file.assignments.iter().all(|l| l.number >= 1 && l.number <= lines));
        }
    }
}
