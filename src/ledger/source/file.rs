//! Files: what one is shows its content, never its name.

use crate::{
    ledger::{
        source::{error::SourceError, raw_row::RawRow},
        store::sqlite::other_ledger,
    },
    runtime::limits,
};
use serde::de::IgnoredAny;
use serde_json::Deserializer;
use std::{
    fs::File,
    io::{self, Read},
    path::Path,
    sync::Arc,
};

/// How every file of SQLite begins.
const SQLITE: &[u8] = b"SQLite format 3\0";
/// The mark of UTF-8 that some editors write.
const MARK: &[u8] = &[0xEF, 0xBB, 0xBF];

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSource {
    /// What it was recognised as, for people.
    pub description: String,
    /// What stands in it, in its order.
    pub rows: Vec<RawRow>,
}

/// Reads a file of another node.
///
/// # Errors
/// [`SourceError`], when it cannot be read or is of no known kind.
pub async fn read(path: &Path) -> Result<FileSource, SourceError> {
    let failed = |error: io::Error| SourceError::Unreadable { path: path.to_owned(), source: Arc::new(error) };
    let mut file = File::open(path).map_err(failed)?;
    let mut begin = Vec::new();
    file.by_ref().take(SQLITE.len() as u64).read_to_end(&mut begin).map_err(failed)?;
    let place = path.display().to_string();
    if begin == SQLITE {
        let rows = other_ledger::rows(path).await?;
        let log = if other_ledger::log_of(path).is_some() { ", with what its -wal holds" } else { "" };
        return Ok(FileSource { description: format!("SQLite file {place}, table ledger{log}"), rows });
    }
    let too_large = || SourceError::TooLarge { path: path.to_owned(), limit: limits::IMPORT_FILE };
    let bytes = whole(begin, file).map_err(failed)?.ok_or_else(too_large)?;
    text(&place, &bytes)
}

/// Reads the local copy of a node from an open file, such as the standard input, which people know as `place`.
///
/// # Errors
/// As [`read`]; a SQLite file has to be a file.
pub fn read_stream(place: &str, stream: impl Read) -> Result<FileSource, SourceError> {
    let failed = |error| SourceError::Unreadable { path: place.into(), source: Arc::new(error) };
    let too_large = || SourceError::TooLarge { path: place.into(), limit: limits::IMPORT_FILE };
    let bytes = whole(Vec::new(), stream).map_err(failed)?.ok_or_else(too_large)?;
    if bytes.starts_with(SQLITE) {
        return Err(unknown(place, "a SQLite database is read from its file alone, not from a stream"));
    }
    text(place, &bytes)
}

/// Reads to the end; absent when there is more than may be.
fn whole(mut begin: Vec<u8>, rest: impl Read) -> io::Result<Option<Vec<u8>>> {
    rest.take(limits::IMPORT_FILE + 1).read_to_end(&mut begin)?;
    Ok(Some(begin).filter(|bytes| bytes.len() as u64 <= limits::IMPORT_FILE))
}

fn unknown(place: &str, found: &'static str) -> SourceError {
    SourceError::Unknown { place: place.to_owned(), found }
}

/// Reads lines or a list.
fn text(place: &str, bytes: &[u8]) -> Result<FileSource, SourceError> {
    let bytes = bytes.strip_prefix(MARK).unwrap_or(bytes);
    match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'[') => {
            let rows = list(place, bytes)?;
            Ok(FileSource { description: format!("JSON list {place}"), rows })
        }
        Some(b'{') | None => Ok(FileSource { description: format!("local copy {place}"), rows: lines(bytes) }),
        Some(0xFF | 0xFE) => Err(unknown(place, "it looks like UTF-16: write it as UTF-8")),
        Some(0x1F) => Err(unknown(place, "it looks compressed: unpack it first")),
        Some(b'P') if bytes.starts_with(b"PGDMP") => {
            Err(unknown(place, "it is a dump of PostgreSQL: restore it into a server, and name that server"))
        }
        Some(_) => Err(unknown(place, "its first character begins no policy")),
    }
}

/// Reads a line for each policy; `\n` or `\r\n` ends a line, and blank lines are none.
fn lines(bytes: &[u8]) -> Vec<RawRow> {
    let numbered = (1..).zip(bytes.split(|byte| *byte == b'\n'));
    let filled = numbered.map(|(number, line)| (number, line.trim_ascii())).filter(|(_, line)| !line.is_empty());
    filled.map(|(number, line): (usize, _)| RawRow::of_file(format!("line {number}"), utf8(line))).collect()
}

fn utf8(bytes: &[u8]) -> Result<String, String> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => Err("it is no text in UTF-8".to_owned()),
    }
}

/// Reads a list, of which each entry may be written over several lines. Only the list itself has to be well formed here: an entry
/// comes as it is written, so that one whose values nobody can hold is set aside as it would be on a line of its own.
fn list(place: &str, bytes: &[u8]) -> Result<Vec<RawRow>, SourceError> {
    let wrong = |reason: String| SourceError::List { place: place.to_owned(), reason };
    let text = utf8(bytes).map_err(wrong)?;
    let _: Vec<IgnoredAny> = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    let numbered = (1..).zip(entries(&text));
    Ok(numbered
        .map(|(number, entry): (usize, &str)| RawRow::of_file(format!("entry {number}"), Ok(entry.to_owned())))
        .collect())
}

/// Returns the texts of the entries of a list that is well formed.
fn entries(list: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = list.trim_ascii_start().strip_prefix('[').unwrap_or_default();
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r', '\n', ',']);
        let mut values = Deserializer::from_str(rest).into_iter::<IgnoredAny>();
        // What follows the last entry is the bracket that ends the list, which begins no value.
        let Some(Ok(_)) = values.next() else { return found };
        let Some((entry, behind)) = rest.split_at_checked(values.byte_offset()) else { return found };
        found.push(entry);
        rest = behind;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::source::policies::SourcePolicies;

    fn places(bytes: &[u8]) -> Vec<(String, bool)> {
        let rows = text("f", bytes).unwrap().rows;
        rows.into_iter().map(|row| (row.place, row.text.is_ok())).collect()
    }

    #[test]
    fn lines_may_end_in_every_way_and_a_list_is_read() {
        let two = [("line 1".to_owned(), true), ("line 3".to_owned(), true)];
        assert_eq!(places(b"{\"a\": {}}\n\n{\"b\": {}}"), two);
        assert_eq!(places(b"\xEF\xBB\xBF{\"a\": {}}\r\n\r\n{\"b\": {}}\r\n"), two);
        let listed = [("entry 1".to_owned(), true), ("entry 2".to_owned(), true)];
        assert_eq!(places(b" [\n{\"a\":\n {}},\n{\"b\": {}}]\n"), listed);
        assert_eq!(places(b"{\"a\": {}}\n\xFF\n"), [("line 1".to_owned(), true), ("line 2".to_owned(), false)]);
        assert!(places(b"\n").is_empty());
    }

    #[test]
    fn an_entry_of_a_list_comes_as_it_is_written() {
        let list = " [\n{\"d\": {\"x\": \"\\ud83d\"}} ,1e400,{\"d\":\n{\"x\": -0, \"y\": \"] , [\"}},\t[], null]\n";
        let rows = text("f", list.as_bytes()).unwrap().rows;
        let texts: Vec<_> = rows.iter().map(|row| row.text.as_deref().unwrap()).collect();
        let odd = [r#"{"d": {"x": "\ud83d"}}"#, "1e400", "{\"d\":\n{\"x\": -0, \"y\": \"] , [\"}}", "[]", "null"];
        assert_eq!(texts, odd);
        assert_eq!(rows[4].place, "entry 5");
        let found = SourcePolicies::read(rows, "2026-11-21T07:08:09.000000Z");
        let places: Vec<_> = found.set_aside.iter().map(|one| one.place.as_str()).collect();
        assert_eq!(places, ["entry 1", "entry 2", "entry 4", "entry 5"]);
        // An integer stays one: `-0.0` would be another value, and another id.
        assert!(found.rows[0].text.starts_with(r#"{"d": {"x": 0, "y": "] , [", "id": "#), "{}", found.rows[0].text);
        assert!(super::entries("[]").is_empty() && super::entries(" [ ] ").is_empty());
    }

    #[test]
    fn what_is_no_ledger_says_what_was_looked_for() {
        for (bytes, told) in [
            (&b"\xFF\xFE{\0"[..], "UTF-16"),
            (b"\x1F\x8B\x08", "compressed"),
            (b"PGDMP", "dump of PostgreSQL"),
            (b"hello", "begins no policy"),
            (b"[{\"a\": {}}", "EOF"),
            (b"[{\"a\": {}} {\"b\": {}}]", "expected `,` or `]` at line 1"),
            (b"[{\"a\": {}},]", "trailing comma"),
            (b"[{\"a\": {}}] x", "trailing characters"),
        ] {
            let error = text("f.json", bytes).unwrap_err().to_string();
            assert!(error.contains(told) && error.starts_with("f.json"), "{error}");
        }
        let stream = read_stream("-", &b"SQLite format 3\0 and more"[..]).unwrap_err().to_string();
        assert!(stream.contains("from its file alone"), "{stream}");
    }
}
