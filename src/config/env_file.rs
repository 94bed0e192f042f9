//! The env file as real deployments write it, line by line, with the place of every value.
//!
//! Unquoted blanks, `""` for nothing, trailing comments and Windows line ends are normalised here; what is left is read by
//! dotenvy, which rejects the first three.

use crate::config::mistake::Mistake;
use std::{io::Cursor, path::PathBuf, sync::Arc};

/// One `NAME=value` of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Number of the line, from 1.
    pub number: usize,
    /// Name of the variable.
    pub name: String,
    /// Its value, quotes removed.
    pub value: String,
}

/// A whole env file.
#[derive(Clone, Debug, Default)]
pub struct EnvFile {
    /// Where it was read from.
    pub path: Arc<PathBuf>,
    /// Its values in order; a name may be there more than once, the last one counts.
    pub lines: Vec<Assignment>,
    /// Lines that are no values.
    pub mistakes: Vec<Mistake>,
}

impl EnvFile {
    /// Reads a file; one that cannot be read is a mistake too.
    #[must_use]
    pub fn read(path: PathBuf) -> Self {
        match std::fs::read(&path) {
            Ok(bytes) => Self::parse(path, &bytes),
            Err(error) => {
                let mistake = Mistake {
                    place: path.display().to_string(),
                    written: String::new(),
                    reason: format!("cannot be read: {error}"),
                    expected: "expected an env file with lines NAME=value; copy anylog_configs.env".to_owned(),
                };
                Self { path: Arc::new(path), lines: Vec::new(), mistakes: vec![mistake] }
            }
        }
    }

    /// Reads the bytes of a file.
    #[must_use]
    pub fn parse(path: PathBuf, bytes: &[u8]) -> Self {
        let mut file = Self { path: Arc::new(path), ..Self::default() };
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        for (index, raw) in bytes.split(|b| *b == b'\n').enumerate() {
            match read_line(raw) {
                Ok(None) => {}
                Ok(Some((name, value))) => file.lines.push(Assignment { number: index + 1, name, value }),
                Err((written, reason)) => {
                    let place = format!("{}:{}", file.path.display(), index + 1);
                    let expected = "expected NAME=value, NAME=\"value\" or a comment after #".to_owned();
                    file.mistakes.push(Mistake { place, written, reason: reason.to_owned(), expected });
                }
            }
        }
        file
    }
}

/// Why a line is none, with what may be shown of it.
type WrongLine = (String, &'static str);

/// Reads one line: nothing for blank lines and comments.
fn read_line(raw: &[u8]) -> Result<Option<(String, String)>, WrongLine> {
    let line = std::str::from_utf8(raw).map_err(|_| (String::new(), "it is not UTF-8"))?;
    let line = line.trim().trim_start_matches("export ").trim_start();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let Some((name, value)) = line.split_once('=') else {
        let first = line.split([' ', ':']).next().unwrap_or_default();
        return Err((first.to_owned(), "there is no = after the name"));
    };
    let name = name.trim();
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !starts || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.') {
        return Err((name.to_owned(), "this is no name of a variable"));
    }
    let value = bare_value(value.trim()).map_err(|reason| (name.to_owned(), reason))?;
    through_dotenvy(name, &value).map(Some)
}

/// Returns the value without its quotes and without the comment behind it.
fn bare_value(text: &str) -> Result<String, &'static str> {
    let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
        return Ok(without_comment(text).to_owned());
    };
    let mut value = String::new();
    let mut rest = text.chars();
    rest.next();
    while let Some(c) = rest.next() {
        match c {
            '\\' if quote == '"' => match rest.next() {
                Some(escaped @ ('"' | '\\' | '$')) => value.push(escaped),
                Some(other) => value.extend(['\\', other]),
                None => value.push('\\'),
            },
            c if c == quote => {
                let behind = rest.as_str().trim_start();
                return if behind.is_empty() || behind.starts_with('#') {
                    Ok(value.trim().to_owned())
                } else {
                    Err("there is text after the closing quote")
                };
            }
            c => value.push(c),
        }
    }
    Err("the quote is never closed")
}

/// Cuts an unquoted value before a `#` that follows a blank.
fn without_comment(text: &str) -> &str {
    if text.starts_with('#') {
        return "";
    }
    let comment = text.match_indices('#').find(|(at, _)| text.get(..*at).is_some_and(|t| t.ends_with([' ', '\t'])));
    comment.and_then(|(at, _)| text.get(..at)).unwrap_or(text).trim_end()
}

/// Hands the normalised line to dotenvy, so that names and quoting mean what they mean everywhere.
fn through_dotenvy(name: &str, value: &str) -> Result<(String, String), WrongLine> {
    let line = format!("{name}='{}'\n", value.replace('\'', r#"'"'"'"#));
    match dotenvy::from_read_iter(Cursor::new(line)).next() {
        Some(Ok(pair)) => Ok(pair),
        _ => Err((name.to_owned(), "it cannot be read")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn values(text: &str) -> Vec<(String, String)> {
        let file = EnvFile::parse("f.env".into(), text.as_bytes());
        assert_eq!(file.mistakes, [], "{text}");
        file.lines.into_iter().map(|l| (l.name, l.value)).collect()
    }

    #[test]
    fn lines_of_real_files() {
        for (line, value) in [
            ("COMPANY_NAME=New Company", "New Company"),
            ("COMPANY_NAME=\"New Company\"", "New Company"),
            ("COMPANY_NAME='New Company' # ours", "New Company"),
            ("LOCATION=\"\"", ""),
            ("LOCATION=", ""),
            ("LOCATION= # nowhere", ""),
            ("LOCATION=0,0", "0,0"),
            ("TCP_BIND=True", "True"),
            ("BLOCKCHAIN_SYNC=30 second # half a minute", "30 second"),
            ("  export  CITY = San Mateo\r", "San Mateo"),
            ("DB_PASSWD=a#b$c'd\"e\\f", "a#b$c'd\"e\\f"),
            ("DB_PASSWD=\"a \\\"b\\\" $HOME\"", "a \"b\" $HOME"),
            ("CONTRACT=a=b=c", "a=b=c"),
            ("CITY=Zürich", "Zürich"),
        ] {
            assert_eq!(values(line).first().map(|p| p.1.clone()).as_deref(), Some(value), "{line}");
        }
        assert_eq!(values("\u{feff}# only\n\n   # comments\n#-- x=y --\n"), []);
    }

    #[test]
    fn wrong_lines_are_all_reported_with_their_numbers() {
        let text = b"A=1\nNODE NAME=x\nnothing\nCITY=\"open\nSTATE=\"x\" y\nB=\xff\nC=3\n";
        let file = EnvFile::parse("f.env".into(), text);
        let places: Vec<_> = file.mistakes.iter().map(|m| m.place.as_str()).collect();
        assert_eq!(places, ["f.env:2", "f.env:3", "f.env:4", "f.env:5", "f.env:6"]);
        assert_eq!(file.lines.len(), 2);
    }

    proptest! {
        #[test]
        fn never_panics_and_counts_lines(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let file = EnvFile::parse("f".into(), &bytes);
            let lines = bytes.split(|b| *b == b'\n').count();
            prop_assert!(file.lines.iter().all(|l| l.number >= 1 && l.number <= lines));
        }

        #[test]
        fn quoted_text_comes_back(text in "[^\\p{C}\"\\\\ ]([^\\p{C}\"\\\\]{0,30}[^\\p{C}\"\\\\ ])?") {
            prop_assume!(text.trim() == text);
            prop_assert_eq!(values(&format!("K=\"{text}\"")), [("K".to_owned(), text)]);
        }
    }
}
