//! Writes a backup, line by line.

use crate::{
    backup::format::line::{Manifest, Seal, WrittenLine},
    ledger::SnapshotItem,
    node::BackupCounts,
    runtime::limits,
};
use sha2::{Digest as _, Sha256};
use std::io::{self, Write};

/// Writes the lines of a backup and what the last one says of them. It holds one line at a time.
pub struct SealedWriter<W> {
    out: W,
    hash: Sha256,
    counts: BackupCounts,
    line: Vec<u8>,
    bytes: u64,
}

impl<W: Write> SealedWriter<W> {
    /// Begins with the manifest.
    ///
    /// # Errors
    /// What the system says.
    pub fn begin(out: W, manifest: &Manifest) -> io::Result<Self> {
        let (hash, counts) = (Sha256::new(), BackupCounts::default());
        let mut writer = Self { out, hash, counts, line: Vec::new(), bytes: 0 };
        writer.write(&WrittenLine::Backup(manifest))?;
        Ok(writer)
    }

    /// Adds an item of a snapshot; its version stands in the manifest.
    ///
    /// # Errors
    /// What the system says, and [`io::ErrorKind::InvalidData`] for a row that is larger than readers take.
    pub fn add(&mut self, item: &SnapshotItem) -> io::Result<()> {
        let counts = &mut self.counts;
        let (line, count) = match item {
            SnapshotItem::Version(_) => return Ok(()),
            SnapshotItem::Policy(row) => (WrittenLine::Policy(row), &mut counts.policies),
            SnapshotItem::Change(row) => (WrittenLine::Change(row), &mut counts.changes),
            SnapshotItem::Row(row) => (WrittenLine::Row(row), &mut counts.rows),
            SnapshotItem::Tombstone(row) => (WrittenLine::Tombstone(row), &mut counts.tombstones),
        };
        *count += 1;
        self.write(&line)
    }

    /// Seals the backup; returns what took it, the seal, and how many bytes there are.
    ///
    /// # Errors
    /// What the system says.
    pub fn seal(mut self) -> io::Result<(W, Seal, u64)> {
        let seal = Seal { counts: self.counts, sha256: hex::encode(self.hash.finalize_reset()) };
        self.write(&WrittenLine::Seal(&seal))?;
        self.out.flush()?;
        Ok((self.out, seal, self.bytes))
    }

    fn write(&mut self, line: &WrittenLine<'_>) -> io::Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, line)?;
        self.line.push(b'\n');
        if self.line.len() > limits::BACKUP_LINE {
            let text = format!(
                "a row takes {} bytes, a line of a backup has at most {}",
                self.line.len(),
                limits::BACKUP_LINE
            );
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        self.hash.update(&self.line);
        self.bytes += self.line.len() as u64;
        self.out.write_all(&self.line)
    }
}
