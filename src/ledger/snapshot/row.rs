//! The rows of the ledger's tables, as a backup keeps them.

use crate::ledger::snapshot::text::StoredText;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;

/// Items that a store hands over together.
pub const ITEMS_TOGETHER: usize = 512;

/// Takes the items of a snapshot, some at a time, while the database is still reading.
pub type SnapshotSender = mpsc::Sender<Vec<SnapshotItem>>;

/// One part of a snapshot. They come in the order of the variants, and the rows of each in their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SnapshotItem {
    /// The number of the last change; the first item, and there once.
    Version(i64),
    /// A row of the ledger table, by its number.
    Policy(SnapshotPolicy),
    /// A line of the history, oldest first.
    Change(SnapshotChange),
    /// What a changed or deleted row had beside its text.
    Row(SnapshotRow),
    /// A deletion that no later policy of the same id took back.
    Tombstone(SnapshotTombstone),
}

/// A row of the ledger table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotPolicy {
    /// `sequence_id`: the order in which rows of the same date are exported.
    pub sequence: i64,
    /// `policy_type`.
    #[serde(rename = "type")]
    pub kind: StoredText,
    /// `policy_id`.
    pub id: StoredText,
    /// `company_name`.
    pub company: Option<StoredText>,
    /// `date`.
    pub date: StoredText,
    /// `host`.
    pub host: StoredText,
    /// `status`.
    pub status: Option<StoredText>,
    /// `policy`: the text.
    pub policy: Option<StoredText>,
}

/// A line of the history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotChange {
    /// UTC time of the change.
    pub time: StoredText,
    /// Who asked for it.
    pub who: StoredText,
    /// What happened: `insert`, `replace`, `drop` or `clear`.
    pub what: StoredText,
    /// `policy_type`.
    #[serde(rename = "type")]
    pub kind: StoredText,
    /// `policy_id`.
    pub id: StoredText,
    /// Text before the change.
    pub before: Option<StoredText>,
    /// Text after the change, where neither the table nor a later line has it.
    pub after: Option<StoredText>,
}

/// What a changed or deleted row had beside its text, which brings it back as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotRow {
    /// `policy_id`.
    pub id: StoredText,
    /// Time of the change.
    pub time: StoredText,
    /// `host` before it.
    pub host: StoredText,
    /// `date` before it.
    pub date: StoredText,
}

/// A policy that was dropped and is not back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotTombstone {
    /// `policy_id`.
    pub id: StoredText,
    /// Time of the deletion.
    pub time: StoredText,
}

/// Stands for what a row or a line holds, without its number.
pub type RowDigest = [u8; 32];

impl SnapshotPolicy {
    /// Returns what stands for all columns but the number. The two engines write the same date differently, which is no
    /// difference.
    #[must_use]
    pub fn digest(&self) -> RowDigest {
        let date = self.date.as_str().map(date_key).unwrap_or_default();
        let date = if date.is_empty() { self.date.as_bytes() } else { date.as_bytes() };
        let optional = |text: &'_ Option<StoredText>| text.as_ref().map(|text| text.as_bytes().to_vec());
        digest([
            Some(self.kind.as_bytes().to_vec()),
            Some(self.id.as_bytes().to_vec()),
            optional(&self.company),
            Some(date.to_vec()),
            Some(self.host.as_bytes().to_vec()),
            optional(&self.status),
            optional(&self.policy),
        ])
    }

    /// Returns the bytes of the text.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.policy.as_ref().map_or(0, |text| text.as_bytes().len() as u64)
    }

    /// Returns the texts of all columns that have one.
    pub fn texts(&self) -> impl Iterator<Item = &StoredText> {
        let always = [&self.kind, &self.id, &self.date, &self.host];
        always.into_iter().chain(&self.company).chain(&self.status).chain(&self.policy)
    }
}

impl SnapshotChange {
    /// Returns what stands for the line: of lines with the same time, author, change and id one is enough.
    #[must_use]
    pub fn digest(&self) -> RowDigest {
        digest([&self.time, &self.who, &self.what, &self.id].map(|text| Some(text.as_bytes().to_vec())))
    }

    /// Returns the texts of all columns that have one.
    pub fn texts(&self) -> impl Iterator<Item = &StoredText> {
        let always = [&self.time, &self.who, &self.what, &self.kind, &self.id];
        always.into_iter().chain(&self.before).chain(&self.after)
    }
}

impl SnapshotRow {
    /// Returns the texts of all columns.
    #[must_use]
    pub fn texts(&self) -> [&StoredText; 4] {
        [&self.id, &self.time, &self.host, &self.date]
    }
}

/// Returns a date in the one form in which dates of both engines can be compared: without its zone, which is UTC, with `T` and
/// microseconds.
fn date_key(date: &str) -> String {
    let date = date.strip_suffix('Z').unwrap_or(date).replacen(' ', "T", 1);
    match date.split_once('.') {
        Some((whole, part)) if part.len() < 6 => format!("{whole}.{part:0<6}"),
        None if date.len() == "2026-01-01T00:00:00".len() => date + ".000000",
        _ => date,
    }
}

fn digest<const N: usize>(columns: [Option<Vec<u8>>; N]) -> RowDigest {
    let mut hash = Sha256::new();
    for column in columns {
        // Without the length two columns could be cut elsewhere and read the same.
        match column {
            None => hash.update([0]),
            Some(bytes) => {
                hash.update([1]);
                hash.update((bytes.len() as u64).to_le_bytes());
                hash.update(bytes);
            }
        }
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(date: &str) -> SnapshotPolicy {
        SnapshotPolicy { date: date.into(), id: "a".into(), ..SnapshotPolicy::default() }
    }

    #[test]
    fn a_row_is_the_same_whatever_engine_wrote_its_date() {
        let same = ["2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00.500000", "2026-01-01 00:00:00.5"];
        for date in same {
            assert_eq!(row(date).digest(), row(same[0]).digest(), "{date}");
        }
        assert_eq!(row("2026-01-01 00:00:00").digest(), row("2026-01-01T00:00:00.000000Z").digest());
        assert_ne!(row("2026-01-01 00:00:01").digest(), row("2026-01-01T00:00:00.000000Z").digest());
        assert_eq!(row("infinity").digest(), row("infinity").digest());
    }

    #[test]
    fn columns_that_are_cut_elsewhere_are_another_row() {
        let with = |company: Option<&str>, host: &str| {
            SnapshotPolicy { company: company.map(StoredText::from), host: host.into(), ..row("d") }.digest()
        };
        assert_ne!(with(None, "x"), with(Some(""), "x"));
        assert_ne!(with(Some("a"), "bx"), with(Some("ab"), "x"));
    }
}
