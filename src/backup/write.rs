//! Writes backups of a ledger into files and streams, while changes go on.

use crate::{
    backup::{
        error::BackupError,
        format::{FORMAT, Manifest, Seal, SealedWriter},
        packed_file::PackedWriter,
        read,
    },
    ledger::{self, Ledger, SnapshotItem},
    node::BackupSummary,
    runtime::{clock, steady_file::SteadyFile},
};
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::{mpsc, oneshot};

/// Parts of a snapshot that are read ahead.
const PARTS_AHEAD: usize = 4;

/// How many rows were written so far, for who shows it.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<AtomicU64>);

impl Progress {
    /// Returns how many rows were written.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn add(&self, rows: usize) {
        self.0.fetch_add(rows as u64, Ordering::Relaxed);
    }
}

/// Writes a backup into a file, whose name ends with `.gz` when it shall be packed. The file is there only when it is whole, on
/// the disk, and was read back.
///
/// # Errors
/// When the ledger or the disk fails; nothing is left of the file then, and one that was there before is as it was.
pub async fn write_file(ledger: &Ledger, path: &Path, progress: &Progress) -> Result<BackupSummary, BackupError> {
    let fresh = Unfinished(beside(path)?);
    write_fresh(ledger, path, &fresh.0, progress).await
}

/// A file that is not whole: it goes, also when whoever asked for it does not wait for the end. One that is whole has another
/// name by then.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // The reason of a failure is told; that the rest could not be removed is not another one.
        let _ = fs::remove_file(&self.0);
    }
}

/// Returns where a file is written until it is whole.
fn beside(path: &Path) -> Result<PathBuf, BackupError> {
    check_target(path)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.ok_or_else(|| BackupError::NoFile(path.to_owned()))?;
    Ok(path.with_file_name(format!(".{name}.{}.tmp", std::process::id())))
}

/// Sees that nothing but a file is replaced by a backup: a device, a pipe or a directory is not one.
///
/// # Errors
/// What stands there is no file.
pub fn check_target(path: &Path) -> Result<(), BackupError> {
    match path.metadata() {
        Ok(there) if !there.is_file() => Err(BackupError::NoFile(path.to_owned())),
        _ => Ok(()),
    }
}

/// Makes sure that a renamed file has its name after a loss of power too.
///
/// # Errors
/// What the system says.
pub fn sync_name(path: &Path) -> io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(directory).and_then(|directory| directory.sync_all())
}

async fn write_fresh(
    ledger: &Ledger,
    path: &Path,
    fresh: &Path,
    progress: &Progress,
) -> Result<BackupSummary, BackupError> {
    // What stands there was left by an earlier start, or is a link that somebody else put there: it is not followed.
    let _ = fs::remove_file(fresh);
    let file = File::create_new(fresh).map_err(|error| BackupError::file(fresh, error))?;
    let (packed, seal, bytes) = write(ledger, PackedWriter::new(SteadyFile::new(file), path), progress).await.map_err(
        |failed| match failed {
            Failed::Out(error) => BackupError::file(path, error),
            Failed::Ledger(error) => error.into(),
        },
    )?;
    let (path, fresh) = (path.to_owned(), fresh.to_owned());
    let finish = move || {
        let failed = |error| BackupError::file(&path, error);
        packed.finish().and_then(|file| file.sync_all()).map_err(failed)?;
        let (_, read) = read::check(&fresh)?;
        if read != seal {
            return Err(failed(io::Error::other("what was read back is not what was written: look at the disk")));
        }
        let size = fresh.metadata().map_err(failed)?.len();
        fs::rename(&fresh, &path).map_err(failed)?;
        sync_name(&path).map_err(failed)?;
        Ok(BackupSummary { file: path, counts: seal.counts, bytes, size, sha256: seal.sha256 })
    };
    tokio::task::spawn_blocking(finish).await.unwrap_or(Err(ledger::Error::Stopping.into()))
}

/// Writes a backup into a stream and returns what it holds.
///
/// # Errors
/// When the ledger fails, or whoever takes the stream.
pub async fn write_stream<W: Write + Send + 'static>(
    ledger: &Ledger,
    out: W,
    name: &str,
    progress: &Progress,
) -> Result<BackupSummary, BackupError> {
    let file = PathBuf::from(name);
    let written = write(ledger, PackedWriter::new(out, &file), progress).await;
    let (packed, seal, bytes) = written.map_err(|failed| match failed {
        Failed::Out(error) => BackupError::file(&file, error),
        Failed::Ledger(error) => error.into(),
    })?;
    // Whoever takes the bytes may hold up who writes the last ones.
    let finished = tokio::task::spawn_blocking(move || packed.finish().map(drop)).await;
    let finished = finished.unwrap_or_else(|failure| Err(io::Error::other(failure)));
    finished.map_err(|error| BackupError::file(&file, error))?;
    Ok(BackupSummary { file, counts: seal.counts, bytes, size: bytes, sha256: seal.sha256 })
}

/// Who failed.
enum Failed {
    Out(io::Error),
    Ledger(ledger::Error),
}

/// Writes all lines on a thread of its own while the database is read.
async fn write<W: Write + Send + 'static>(
    ledger: &Ledger,
    out: W,
    progress: &Progress,
) -> Result<(W, Seal, u64), Failed> {
    let engine = ledger.engine().map_err(Failed::Ledger)?;
    let manifest = Manifest {
        format: FORMAT,
        product: concat!("anylog-master ", env!("CARGO_PKG_VERSION")).to_owned(),
        time: clock::policy_date(),
        engine: engine.name().to_owned(),
        version: 0,
    };
    let (items, read) = mpsc::channel(PARTS_AHEAD);
    let (complete, is_complete) = oneshot::channel();
    let progress = progress.clone();
    let write = tokio::task::spawn_blocking(move || write_items(out, manifest, read, is_complete, &progress));
    let sent = ledger.snapshot(items).await;
    if sent.is_ok() {
        // Whoever writes may have failed and be gone.
        let _ = complete.send(());
    } else {
        drop(complete);
    }
    let written = write.await.unwrap_or_else(|failure| Err(io::Error::other(failure)));
    match (sent, written) {
        (Ok(()), Ok(written)) => Ok(written),
        // When nobody takes the items any more, the reason is with who took them.
        (_, Err(error)) if error.kind() != io::ErrorKind::UnexpectedEof => Err(Failed::Out(error)),
        (Err(error), _) => Err(Failed::Ledger(error)),
        (Ok(()), Err(error)) => Err(Failed::Out(error)),
    }
}

fn write_items<W: Write>(
    out: W,
    manifest: Manifest,
    mut items: mpsc::Receiver<Vec<SnapshotItem>>,
    is_complete: oneshot::Receiver<()>,
    progress: &Progress,
) -> io::Result<(W, Seal, u64)> {
    let unfinished = || io::Error::new(io::ErrorKind::UnexpectedEof, "the database sent no snapshot");
    let first = items.blocking_recv().ok_or_else(unfinished)?;
    let Some(SnapshotItem::Version(version)) = first.first() else { return Err(unfinished()) };
    let mut writer = SealedWriter::begin(out, &Manifest { version: *version, ..manifest })?;
    first.iter().try_for_each(|item| writer.add(item))?;
    while let Some(items) = items.blocking_recv() {
        items.iter().try_for_each(|item| writer.add(item))?;
        progress.add(items.len());
    }
    // A snapshot that broke off ends as a whole one does, and must never be sealed.
    is_complete.blocking_recv().map_err(|_| unfinished())?;
    writer.seal()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_replaces_a_file_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        fs::write(path("file"), "").unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(path("socket")).unwrap();
        assert!(check_target(&path("file")).is_ok() && check_target(&path("none")).is_ok());
        for other in [path("socket"), directory.path().to_owned()] {
            assert!(matches!(check_target(&other), Err(BackupError::NoFile(_))), "{}", other.display());
        }
        assert!(sync_name(Path::new("name")).is_ok() && sync_name(&path("file")).is_ok());
    }
}
