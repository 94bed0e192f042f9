//! Reads a backup, line by line, and finds whatever is wrong with it.

use crate::{
    backup::format::line::{FORMAT, Manifest, ReadLine, Seal},
    ledger::SnapshotItem,
    node::BackupCounts,
    runtime::limits,
};
use sha2::{Digest as _, Sha256};
use std::{
    collections::HashSet,
    io::{self, BufRead, Read as _},
};

/// A line that is wrong, with its number from 1.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {fault}")]
pub struct WrongBackupLine {
    /// Its number, from 1.
    pub line: u64,
    /// What is wrong.
    pub fault: LineFault,
}

/// What is wrong with a line.
#[derive(Debug, thiserror::Error)]
pub enum LineFault {
    /// It cannot be read at all.
    #[error("{0}")]
    Unreadable(#[from] io::Error),
    /// It is no line of a backup.
    #[error("it is no line of a backup: {0}")]
    NoLine(#[from] serde_json::Error),
    /// It is longer than any line of a backup.
    #[error("it is longer than {} bytes", limits::BACKUP_LINE)]
    TooLong,
    /// The file has more policies than a backup may have.
    #[error("a backup has at most {} policies", limits::BACKUP_ROWS)]
    TooMany,
    /// The file does not begin with a manifest.
    #[error("a backup begins with its manifest: this is no backup, or its beginning is missing")]
    NoManifest,
    /// The manifest names another version of the format.
    #[error(
        "the backup has the format {0}, this program reads the format {FORMAT}: use the version of the program that wrote it"
    )]
    OtherFormat(u32),
    /// A row stands where rows of its kind do not stand.
    #[error("it is not in its place: a line was moved, or comes twice")]
    OutOfOrder,
    /// Two rows have the same id.
    #[error("the id '{0}' was in a line before")]
    DoubledId(String),
    /// The seal counts other rows than there are.
    #[error("the seal counts {sealed}, and there are {found}: lines were added or are missing")]
    OtherCounts {
        /// What the seal says.
        sealed: BackupCounts,
        /// What was read.
        found: BackupCounts,
    },
    /// The bytes are others than were sealed.
    #[error("the seal does not fit: a line before this one was changed")]
    OtherBytes,
    /// Something stands behind the seal.
    #[error("the backup ends with the line before this one")]
    BehindSeal,
    /// The file ends without a seal.
    #[error("the file ends here without its seal: it was cut off, or its writer did not come to its end")]
    NoSeal,
}

/// Reads a whole backup and hands over its items in their order. What was handed over may be used only when this returns without
/// an error.
///
/// # Errors
/// The first line that is wrong.
pub fn read<R: BufRead>(source: R, take: impl FnMut(SnapshotItem)) -> Result<(Manifest, Seal), WrongBackupLine> {
    let mut lines = Lines { source, line: Vec::new(), number: 0, hash: Sha256::new() };
    lines.read_all(take).map_err(|fault| WrongBackupLine { line: lines.number, fault })
}

/// The lines of a file.
struct Lines<R> {
    source: R,
    line: Vec<u8>,
    number: u64,
    hash: Sha256,
}

impl<R: BufRead> Lines<R> {
    fn read_all(&mut self, mut take: impl FnMut(SnapshotItem)) -> Result<(Manifest, Seal), LineFault> {
        let manifest = self.manifest()?;
        take(SnapshotItem::Version(manifest.version));
        let mut rows = Rows::default();
        loop {
            if !self.next()? {
                return Err(LineFault::NoSeal);
            }
            let line = serde_json::from_slice(&self.line).map_err(|error| self.no_line(error))?;
            let item = match line {
                ReadLine::Backup(_) => return Err(LineFault::OutOfOrder),
                ReadLine::Seal(seal) => return self.end(&rows, seal).map(|seal| (manifest, seal)),
                ReadLine::Policy(row) => SnapshotItem::Policy(row),
                ReadLine::Change(row) => SnapshotItem::Change(row),
                ReadLine::Row(row) => SnapshotItem::Row(row),
                ReadLine::Tombstone(row) => SnapshotItem::Tombstone(row),
            };
            rows.check(&item)?;
            self.hash.update(&self.line);
            take(item);
        }
    }

    fn manifest(&mut self) -> Result<Manifest, LineFault> {
        if !self.next()? {
            return Err(LineFault::NoManifest);
        }
        let Ok(ReadLine::Backup(manifest)) = serde_json::from_slice(&self.line) else {
            return Err(self.other_format().map_or(LineFault::NoManifest, LineFault::OtherFormat));
        };
        if manifest.format != FORMAT {
            return Err(LineFault::OtherFormat(manifest.format));
        }
        self.hash.update(&self.line);
        Ok(manifest)
    }

    /// Returns the format of a manifest that this program cannot read.
    fn other_format(&self) -> Option<u32> {
        let value: serde_json::Value = serde_json::from_slice(&self.line).ok()?;
        let format = value.get("backup")?.get("format")?.as_u64()?;
        u32::try_from(format).ok().filter(|format| *format != FORMAT)
    }

    /// Sees that the seal fits and that nothing follows it.
    fn end(&mut self, rows: &Rows, seal: Seal) -> Result<Seal, LineFault> {
        // Nobody who changes bytes by chance finds the seal of them: behind it a fuzzer would see nothing.
        if !cfg!(fuzzing) && seal.counts != rows.counts {
            return Err(LineFault::OtherCounts { sealed: seal.counts, found: rows.counts });
        }
        if !cfg!(fuzzing) && seal.sha256 != hex::encode(self.hash.finalize_reset()) {
            return Err(LineFault::OtherBytes);
        }
        if !self.line.ends_with(b"\n") {
            return Err(LineFault::NoSeal);
        }
        if self.next()? { Err(LineFault::BehindSeal) } else { Ok(seal) }
    }

    /// Reads the next line with its end; false at the end of the file.
    fn next(&mut self) -> Result<bool, LineFault> {
        self.number += 1;
        self.line.clear();
        let most = limits::BACKUP_LINE as u64 + 1;
        let read = (&mut self.source).take(most).read_until(b'\n', &mut self.line)?;
        if self.line.len() > limits::BACKUP_LINE {
            return Err(LineFault::TooLong);
        }
        Ok(read > 0)
    }

    /// Says of a line that cannot be read whether the file ends in it.
    fn no_line(&self, error: serde_json::Error) -> LineFault {
        if self.line.ends_with(b"\n") { error.into() } else { LineFault::NoSeal }
    }
}

/// What was read so far.
#[derive(Default)]
struct Rows {
    counts: BackupCounts,
    kind: u8,
    sequence: Option<i64>,
    ids: HashSet<Vec<u8>>,
}

impl Rows {
    /// Sees that a row is in its place and counts it.
    fn check(&mut self, item: &SnapshotItem) -> Result<(), LineFault> {
        let counts = &mut self.counts;
        let (kind, count) = match item {
            SnapshotItem::Version(_) => return Ok(()),
            SnapshotItem::Policy(_) => (1, &mut counts.policies),
            SnapshotItem::Change(_) => (2, &mut counts.changes),
            SnapshotItem::Row(_) => (3, &mut counts.rows),
            SnapshotItem::Tombstone(_) => (4, &mut counts.tombstones),
        };
        if kind < self.kind {
            return Err(LineFault::OutOfOrder);
        }
        self.kind = kind;
        *count += 1;
        // Of policies alone something is kept here; the history of a ledger has no end.
        let SnapshotItem::Policy(row) = item else { return Ok(()) };
        if *count > limits::BACKUP_ROWS {
            return Err(LineFault::TooMany);
        }
        if self.sequence.is_some_and(|before| before >= row.sequence) {
            return Err(LineFault::OutOfOrder);
        }
        self.sequence = Some(row.sequence);
        if !self.ids.insert(row.id.as_bytes().to_vec()) {
            return Err(LineFault::DoubledId(row.id.shown().into_owned()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        backup::format::SealedWriter,
        ledger::{SnapshotChange, SnapshotPolicy, SnapshotRow, SnapshotTombstone, StoredText},
    };
    use proptest::{collection::vec, option, prelude::*};

    fn manifest() -> Manifest {
        Manifest {
            format: FORMAT,
            product: "anylog-master".to_owned(),
            time: "2026-01-01T00:00:00.000000Z".to_owned(),
            engine: "sqlite".to_owned(),
            version: 7,
        }
    }

    fn written(items: &[SnapshotItem]) -> Vec<u8> {
        let mut writer = SealedWriter::begin(Vec::new(), &manifest()).unwrap();
        items.iter().for_each(|item| writer.add(item).unwrap());
        writer.seal().unwrap().0
    }

    fn read_back(bytes: &[u8]) -> Result<Vec<SnapshotItem>, WrongBackupLine> {
        let mut items = Vec::new();
        read(bytes, |item| items.push(item))?;
        assert_eq!(items.remove(0), SnapshotItem::Version(7));
        Ok(items)
    }

    fn policy(sequence: i64, id: &str) -> SnapshotItem {
        let (id, policy) = (id.into(), Some("{\"d\": {\"x\": \"\u{2028} \\n ü\"}}".into()));
        SnapshotItem::Policy(SnapshotPolicy { sequence, id, policy, ..SnapshotPolicy::default() })
    }

    fn items() -> Vec<SnapshotItem> {
        vec![
            policy(1, "a"),
            policy(3, "b"),
            SnapshotItem::Change(SnapshotChange { id: "a".into(), ..SnapshotChange::default() }),
            SnapshotItem::Row(SnapshotRow { id: vec![0xff].into(), ..SnapshotRow::default() }),
            SnapshotItem::Tombstone(SnapshotTombstone { id: "c".into(), time: "t".into() }),
        ]
    }

    /// Returns the lines of a backup with one of them changed, and the line that the reader says is wrong.
    fn wrong_line(change: impl FnOnce(&mut Vec<String>)) -> (u64, String) {
        let text = String::from_utf8(written(&items())).unwrap();
        let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        change(&mut lines);
        let wrong = read_back(lines.concat().as_bytes()).unwrap_err();
        (wrong.line, wrong.fault.to_string())
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(read_back(&written(&items())).unwrap(), items());
        assert_eq!(read_back(&written(&[])).unwrap(), []);
    }

    #[test]
    fn damage_is_told_with_its_line() {
        let told = |change: fn(&mut Vec<String>)| wrong_line(change);
        assert_eq!(told(|lines| lines.clear()).0, 1);
        assert_eq!(told(|lines| drop(lines.remove(0))).0, 1);
        assert!(told(|lines| lines[0] = lines[0].replace("\"format\":1", "\"format\":2")).1.contains("format 2"));
        assert_eq!(told(|lines| lines[2].truncate(9)).0, 3);
        assert_eq!(told(|lines| lines[1] = lines[1].replace("ü", "u")), (7, LineFault::OtherBytes.to_string()));
        assert!(told(|lines| drop(lines.remove(3))).1.contains("there are 2 policies, 0 changes"));
        assert_eq!(told(|lines| lines.swap(1, 2)).0, 3, "numbers go up");
        assert_eq!(told(|lines| lines.swap(3, 4)).0, 5, "kinds have an order");
        assert_eq!(
            told(|lines| lines[2] = lines[2].replace("\"b\"", "\"a\"")),
            (3, "the id 'a' was in a line before".to_owned())
        );
        assert_eq!(told(|lines| drop(lines.pop())), (7, LineFault::NoSeal.to_string()));
        assert_eq!(told(|lines| lines[6] = lines[6].trim_end().to_owned()), (7, LineFault::NoSeal.to_string()));
        assert_eq!(told(|lines| lines[6].truncate(20)), (7, LineFault::NoSeal.to_string()));
        assert_eq!(told(|lines| lines.push("\n".to_owned())), (8, LineFault::BehindSeal.to_string()));
        assert_eq!(told(|lines| lines[4] = lines[4].replace("/w==", "?")).0, 5);
        assert_eq!(told(|lines| lines[5] = lines[5].replace("\"id\"", "\"xx\"")).0, 6);
    }

    #[test]
    fn the_number_of_policies_has_a_limit_and_the_history_has_none() {
        let most = limits::BACKUP_ROWS;
        let counts = BackupCounts { policies: most, changes: most, rows: most, tombstones: most };
        let mut rows = Rows { counts, ..Rows::default() };
        assert!(matches!(rows.check(&policy(1, "a")), Err(LineFault::TooMany)));
        for item in items().into_iter().skip(2) {
            assert!(rows.check(&item).is_ok(), "{item:?}");
        }
    }

    fn text() -> impl Strategy<Value = StoredText> {
        prop_oneof![".*".prop_map(StoredText::from), vec(any::<u8>(), 0..40).prop_map(StoredText::from)]
    }

    fn any_items() -> impl Strategy<Value = Vec<SnapshotItem>> {
        let policies = vec((text(), option::of(text()), option::of(text())), 0..20).prop_map(|rows| {
            let row = |(at, (host, company, policy)): (usize, (StoredText, Option<StoredText>, Option<StoredText>))| {
                let (sequence, id) = (i64::try_from(at).unwrap() - 3, at.to_string().into());
                SnapshotItem::Policy(SnapshotPolicy {
                    sequence,
                    id,
                    host,
                    company,
                    policy,
                    ..SnapshotPolicy::default()
                })
            };
            rows.into_iter().enumerate().map(row).collect::<Vec<_>>()
        });
        let changes = vec((text(), option::of(text())), 0..20).prop_map(|rows| {
            let row = |(who, before)| SnapshotItem::Change(SnapshotChange { who, before, ..SnapshotChange::default() });
            rows.into_iter().map(row).collect::<Vec<_>>()
        });
        (policies, changes).prop_map(|(policies, changes)| [policies, changes].concat())
    }

    proptest! {
        #[test]
        fn whatever_a_table_holds_is_read_as_it_was(items in any_items()) {
            prop_assert_eq!(read_back(&written(&items)).unwrap(), items);
        }

        #[test]
        fn one_changed_byte_is_found(items in any_items(), at in any::<prop::sample::Index>(), other in 1_u8..) {
            let mut bytes = written(&items);
            let at = at.index(bytes.len());
            bytes[at] ^= other;
            // A letter of the hash may change its case alone, which is another text.
            prop_assert!(read_back(&bytes).is_err());
        }

        #[test]
        fn a_file_that_is_cut_off_is_found(items in any_items(), at in any::<prop::sample::Index>()) {
            let bytes = written(&items);
            prop_assert!(read_back(&bytes[..at.index(bytes.len())]).is_err());
        }
    }
}
