//! Reads backups from files and streams.

use crate::{
    backup::{
        error::BackupError,
        format::{self, Manifest, Seal},
        packed_file,
    },
    ledger::{RestoreMode, RestoreOrder, SnapshotItem},
};
use std::{
    io::{BufRead, Read},
    path::Path,
};

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
    let mut order = RestoreOrder { policies: Vec::new(), changes: Vec::new(), rows: Vec::new(), mode, is_dry };
    read_lines(source, place, |item| match item {
        SnapshotItem::Policy(row) => order.policies.push(row),
        SnapshotItem::Change(row) => order.changes.push(row),
        SnapshotItem::Row(row) => order.rows.push(row),
        // The deletions stand in the history as well.
        SnapshotItem::Version(_) | SnapshotItem::Tombstone(_) => {}
    })?;
    Ok(order)
}

/// Reads all lines of a backup and hands over its items.
pub(super) fn read_lines(
    source: Box<dyn BufRead>,
    place: &str,
    take: impl FnMut(SnapshotItem),
) -> Result<(Manifest, Seal), BackupError> {
    format::read(source, take).map_err(|wrong| BackupError::Damaged { place: place.to_owned(), wrong })
}
