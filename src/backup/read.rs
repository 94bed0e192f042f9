//! Reads backups from files and streams.

use crate::{
    backup::{
        error::BackupError,
        format::{self, Manifest, Seal},
        packed_file,
    },
    ledger::{RestoreMode, RestoreOrder, SnapshotItem, StoredText},
    runtime::memory,
};
use std::{
    io::{BufRead, Read},
    path::Path,
};

/// How often what is read is in the memory at the same time: as it was read, as it is planned, and as the database gets it.
const COPIES: u64 = 3;

/// Reads a whole backup and tells what it is, when nothing is wrong with it.
///
/// # Errors
/// When the file cannot be read, or the first line that is wrong.
pub fn check(path: &Path) -> Result<(Manifest, Seal), BackupError> {
    read_lines(packed_file::open(path)?, &path.display().to_string(), |_| {})
}

/// Reads a whole backup and returns what restores it.
///
/// # Errors
/// As [`check`].
pub fn read_order(path: &Path, mode: RestoreMode, is_dry: bool) -> Result<RestoreOrder, BackupError> {
    order(packed_file::open(path)?, &path.display().to_string(), mode, is_dry)
}

/// Reads a whole backup from a stream and returns what restores it.
///
/// # Errors
/// As [`check`].
pub fn read_stream(
    source: impl Read + 'static,
    name: &str,
    mode: RestoreMode,
    is_dry: bool,
) -> Result<RestoreOrder, BackupError> {
    let source = packed_file::unpacked(source).map_err(|error| BackupError::file(Path::new(name), error))?;
    order(source, name, mode, is_dry)
}

fn order(source: Box<dyn BufRead>, place: &str, mode: RestoreMode, is_dry: bool) -> Result<RestoreOrder, BackupError> {
    let most = memory::available().map_or(u64::MAX, |bytes| bytes / COPIES);
    order_within(source, place, mode, is_dry, most)
}

/// Reads what restores a backup, when its rows have at most so many bytes. Of a larger one nothing is kept: a packed file may
/// hold a thousand times its own size, and the node that restores it goes on meanwhile.
fn order_within(
    source: Box<dyn BufRead>,
    place: &str,
    mode: RestoreMode,
    is_dry: bool,
    most: u64,
) -> Result<RestoreOrder, BackupError> {
    let none = RestoreOrder { policies: Vec::new(), changes: Vec::new(), rows: Vec::new(), mode, is_dry };
    let (mut order, mut bytes) = (none.clone(), 0_u64);
    read_lines(source, place, |item| {
        bytes = bytes.saturating_add(size(&item));
        match item {
            _ if bytes > most => order.clone_from(&none),
            SnapshotItem::Policy(row) => order.policies.push(row),
            SnapshotItem::Change(row) => order.changes.push(row),
            SnapshotItem::Row(row) => order.rows.push(row),
            // The deletions stand in the history as well.
            SnapshotItem::Version(_) | SnapshotItem::Tombstone(_) => {}
        }
    })?;
    if bytes > most {
        return Err(BackupError::Memory { place: place.to_owned(), bytes, most });
    }
    Ok(order)
}

/// Returns the bytes of memory that an item takes, about.
fn size(item: &SnapshotItem) -> u64 {
    let length = |text: &StoredText| text.as_bytes().len();
    let texts: usize = match item {
        SnapshotItem::Policy(row) => row.texts().map(length).sum(),
        SnapshotItem::Change(row) => row.texts().map(length).sum(),
        SnapshotItem::Row(row) => row.texts().into_iter().map(length).sum(),
        SnapshotItem::Version(_) | SnapshotItem::Tombstone(_) => return 0,
    };
    (std::mem::size_of::<SnapshotItem>() + texts) as u64
}

/// Reads all lines of a backup and hands over its items.
pub(super) fn read_lines(
    source: Box<dyn BufRead>,
    place: &str,
    take: impl FnMut(SnapshotItem),
) -> Result<(Manifest, Seal), BackupError> {
    format::read(source, take).map_err(|wrong| BackupError::Damaged { place: place.to_owned(), wrong })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{backup::format::SealedWriter, ledger::SnapshotPolicy};

    #[test]
    fn a_backup_that_does_not_go_into_the_memory_is_refused() {
        let manifest = Manifest {
            format: format::FORMAT,
            product: String::new(),
            time: String::new(),
            engine: "sqlite".to_owned(),
            version: 1,
        };
        let mut writer = SealedWriter::begin(Vec::new(), &manifest).unwrap();
        for (sequence, id) in [(1, "a"), (2, "b")] {
            let policy = Some("x".repeat(10_000).into());
            let row = SnapshotPolicy { sequence, id: id.into(), policy, ..SnapshotPolicy::default() };
            writer.add(&SnapshotItem::Policy(row)).unwrap();
        }
        let (file, ..) = writer.seal().unwrap();
        let read = |most| {
            let source = Box::new(std::io::Cursor::new(file.clone()));
            order_within(source, "f", RestoreMode::Merge, false, most)
        };
        assert_eq!(read(30_000).unwrap().policies.len(), 2);
        let refused = read(15_000).unwrap_err().to_string();
        assert!(refused.contains("takes 15000") && refused.contains("nothing was changed"), "{refused}");
    }
}
