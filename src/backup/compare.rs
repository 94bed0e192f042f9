//! What differs between the ledger table and something else: a backup, or a copy of the ledger.

use crate::{
    backup::{error::BackupError, packed_file, read::read_lines},
    ledger::{self, DELETED, FileLines, Ledger, PolicyFields, RowDigest, SnapshotItem, SnapshotPolicy, StoredText},
    node::{Comparison, DifferenceKind},
};
use sha2::{Digest as _, Sha256};
use std::{collections::HashMap, path::Path};
use tokio::sync::mpsc;

/// Parts of a snapshot that are read ahead.
const PARTS_AHEAD: usize = 4;

/// What stands for each policy, by its id.
type Digests = HashMap<Vec<u8>, RowDigest>;

/// Compares the ledger table with a backup, row by row; of two rows only the number may differ.
///
/// # Errors
/// When the database does not answer, or the backup is damaged.
pub async fn compare_backup(ledger: &Ledger, path: &Path) -> Result<Comparison, BackupError> {
    let table = table(ledger, |row| Some(row.digest())).await?;
    let path = path.to_owned();
    let compare = move || {
        let name = format!("backup {}", path.display());
        let mut other = Digests::new();
        read_lines(packed_file::open(&path)?, &path.display().to_string(), |item| {
            if let SnapshotItem::Policy(row) = item {
                other.insert(row.id.as_bytes().to_vec(), row.digest());
            }
        })?;
        Ok(compared(name, &table, &other))
    };
    blocking(compare).await
}

/// Compares the ledger table with a copy of the ledger: policies that only the owner of the copy knows are left out, and so are
/// rows that no copy gets.
///
/// # Errors
/// When the database does not answer; [`ledger::Error::Line`] when a line of the copy is no policy.
pub async fn compare_copy(ledger: &Ledger, name: &str, copy: Vec<u8>) -> Result<Comparison, BackupError> {
    let table = table(ledger, exported).await?;
    let name = name.to_owned();
    let compare = move || {
        let lines = FileLines::read(&String::from_utf8_lossy(&copy));
        if let Some(line) = lines.unreadable {
            return Err(ledger::Error::Line { path: name, line }.into());
        }
        let shared = lines.policies.iter().filter(|line| !line.fields.local);
        let other = shared.map(|line| (line.id.as_bytes().to_vec(), digest(&line.text))).collect();
        Ok(compared(name, &table, &other))
    };
    blocking(compare).await
}

/// Reads the table.
async fn table(
    ledger: &Ledger,
    stands_for: fn(&SnapshotPolicy) -> Option<RowDigest>,
) -> Result<Digests, ledger::Error> {
    let (items, mut read) = mpsc::channel::<Vec<SnapshotItem>>(PARTS_AHEAD);
    let collect = tokio::task::spawn_blocking(move || {
        let mut digests = Digests::new();
        while let Some(items) = read.blocking_recv() {
            for item in items {
                let SnapshotItem::Policy(row) = item else { continue };
                if let Some(digest) = stands_for(&row) {
                    digests.insert(row.id.as_bytes().to_vec(), digest);
                }
            }
        }
        digests
    });
    ledger.snapshot(items).await?;
    collect.await.map_err(|_| ledger::Error::Stopping)
}

/// Returns what stands for the line of a row in a copy; nothing for a row that no copy gets.
fn exported(row: &SnapshotPolicy) -> Option<RowDigest> {
    let text = row.policy.as_ref().and_then(StoredText::as_str)?;
    let fields = PolicyFields::read_lenient(text)?;
    let is_exported = fields.kind != DELETED && fields.id.as_deref() == row.id.as_str();
    is_exported.then(|| digest(&text.replace(['\n', '\r'], " ")))
}

fn digest(text: &str) -> RowDigest {
    Sha256::digest(text).into()
}

fn compared(with: String, table: &Digests, other: &Digests) -> Comparison {
    let policies = other.len() as u64;
    let mut comparison = Comparison { with, policies, ..Comparison::default() };
    let mut ids: Vec<&Vec<u8>> = table.keys().chain(other.keys().filter(|id| !table.contains_key(*id))).collect();
    ids.sort();
    for id in ids {
        let kind = match (table.get(id), other.get(id)) {
            (Some(one), Some(other)) if one == other => continue,
            (Some(_), Some(_)) => DifferenceKind::Changed,
            (Some(_), None) => DifferenceKind::Missing,
            (None, _) => DifferenceKind::Extra,
        };
        comparison.note(kind, &String::from_utf8_lossy(id));
    }
    comparison
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BackupError> + Send + 'static,
) -> Result<T, BackupError> {
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(ledger::Error::Stopping.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_policy_that_differs_is_named_once() {
        let digests = |rows: &[(&str, &str)]| -> Digests {
            rows.iter().map(|(id, text)| (id.as_bytes().to_vec(), digest(text))).collect()
        };
        let table = digests(&[("same", "1"), ("other", "1"), ("own", "1")]);
        let comparison = compared("x".to_owned(), &table, &digests(&[("same", "1"), ("other", "2"), ("theirs", "1")]));
        let named: Vec<_> = comparison.differences.iter().map(|one| (one.kind, one.id.as_str())).collect();
        let expected =
            [(DifferenceKind::Changed, "other"), (DifferenceKind::Missing, "own"), (DifferenceKind::Extra, "theirs")];
        assert_eq!(named, expected);
        assert_eq!((comparison.policies, comparison.missing, comparison.extra, comparison.changed), (3, 1, 1, 1));
    }
}
