//! The local copy of the ledger: one policy per line, replaced as a whole or appended to, never torn (reference/ledger 4.1).

use crate::ledger::{
    error::Error,
    file::{
        disk::{FilePieces, LocalDisk},
        lines::{FileView, LinesBeside},
    },
    view::view::View,
};
use serde_json::Value;
use std::{
    collections::HashMap,
    io::{self, BufRead},
    iter,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// Type of the file that marks a restore under way.
const RESTORE: &str = "restore";
/// What it says to who looks into it.
const RESTORE_TEXT: &str = "policies are being brought back into the ledger table from the local copy\n";

/// Type of the file that says of which policies the source has not been told.
const UNTOLD: &str = "untold";

/// The file `!blockchain_file` with its neighbours `.new` and `.old`.
#[derive(Clone)]
pub struct LocalFile {
    path: PathBuf,
    disk: Arc<dyn LocalDisk>,
}

impl LocalFile {
    /// Creates a handle; nothing is read or written yet.
    pub fn new(path: impl Into<PathBuf>, disk: Arc<dyn LocalDisk>) -> Self {
        Self { path: path.into(), disk }
    }

    /// Returns the path of the active file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the neighbour with another type, for example `blockchain.new`.
    #[must_use]
    pub fn neighbour(&self, kind: &str) -> PathBuf {
        self.path.with_extension(kind)
    }

    /// Returns what the active file has beside the rows of a view; nothing when there is no file.
    ///
    /// # Errors
    /// The reason, when it is there but cannot be read.
    pub fn read_beside(&self, view: &View) -> Result<LinesBeside, Error> {
        self.read_with(|file| LinesBeside::read(file, view))
    }

    /// Returns a view of the active file alone; an empty one when there is no file.
    ///
    /// # Errors
    /// The reason, when it is there but cannot be read.
    pub fn read_view(&self) -> Result<FileView, Error> {
        self.read_with(FileView::read)
    }

    fn read_with<T: Default>(&self, read: impl FnOnce(Box<dyn BufRead>) -> io::Result<T>) -> Result<T, Error> {
        match self.disk.open(&self.path).and_then(read) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(T::default()),
            read => read.map_err(|error| self.failed(error)),
        }
    }

    /// Tells whether the active file holds these bytes and no others.
    ///
    /// # Errors
    /// The reason, when it is there but cannot be read.
    pub fn holds(&self, pieces: FilePieces<'_, '_>) -> Result<bool, Error> {
        self.disk.holds(&self.path, pieces).map_err(|error| self.failed(error))
    }

    /// Replaces the active file and keeps the one before as `.old`: a crash leaves the one or the other, whole.
    ///
    /// # Errors
    /// The reason; the active file is then unchanged.
    pub fn replace(&self, pieces: FilePieces<'_, '_>) -> Result<(), Error> {
        self.try_replace(pieces).map_err(|error| self.failed(error))
    }

    fn try_replace(&self, pieces: FilePieces<'_, '_>) -> io::Result<()> {
        let fresh = self.temporary("tmp");
        self.disk.write(&fresh, pieces)?;
        if self.disk.exists(&self.path) {
            let kept = self.temporary("old.tmp");
            self.disk.remove(&kept)?;
            self.disk.link(&self.path, &kept)?;
            self.disk.rename(&kept, &self.neighbour("old"))?;
        }
        self.disk.rename(&fresh, &self.path)?;
        self.disk.sync_directory(self.directory())
    }

    /// Writes another file of this directory as a whole.
    ///
    /// # Errors
    /// The reason; what was there before is then unchanged.
    pub fn write_beside(&self, path: &Path, bytes: &[u8]) -> Result<(), Error> {
        self.write_pieces_beside(path, &mut iter::once(bytes))
    }

    /// Writes another file of this directory as a whole, piece by piece. The directory is made if nobody has written into it yet.
    ///
    /// # Errors
    /// The reason; what was there before is then unchanged.
    pub fn write_pieces_beside(&self, path: &Path, pieces: FilePieces<'_, '_>) -> Result<(), Error> {
        let fresh = fresh_beside(path);
        let directory = path.parent().unwrap_or_else(|| Path::new("."));
        self.disk
            .create_directory(self.directory())
            .and_then(|()| self.disk.write(&fresh, pieces))
            .and_then(|()| self.disk.rename(&fresh, path))
            .and_then(|()| self.disk.sync_directory(directory))
            .map_err(|error| failed(path, error))
    }

    /// Adds lines at the end; they are on the disk when it returns. A crash may leave part of the last line, which is never
    /// read.
    ///
    /// # Errors
    /// The reason; part of the lines may then be there, and nobody may rely on them.
    pub fn append(&self, lines: &str) -> Result<(), Error> {
        let is_new = !self.disk.exists(&self.path);
        let appended = self.disk.append(&self.path, lines.as_bytes());
        // The bytes of a new file are no use after a loss of power when its name is not there.
        let named = || if is_new { self.disk.sync_directory(self.directory()) } else { Ok(()) };
        appended.and_then(|()| named()).map_err(|error| self.failed(error))
    }

    /// Deletes the active file, so that it does not come back after a loss of power; false when there was none.
    ///
    /// # Errors
    /// The reason.
    pub fn delete(&self) -> Result<bool, Error> {
        let there = self.disk.exists(&self.path);
        let removed = self.disk.remove(&self.path).and_then(|()| self.disk.sync_directory(self.directory()));
        removed.map_err(|error| self.failed(error))?;
        Ok(there)
    }

    /// Makes the directory, brings back the active file after another program crashed between its two renames, and removes
    /// what unfinished transfers left.
    ///
    /// # Errors
    /// The reason, when the directory cannot be made or the file cannot be brought back.
    pub fn recover(&self) -> Result<(), Error> {
        self.try_recover().map_err(|error| self.failed(error))
    }

    fn try_recover(&self) -> io::Result<()> {
        self.disk.create_directory(self.directory())?;
        let old = self.neighbour("old");
        if !self.disk.exists(&self.path) && self.disk.exists(&old) {
            self.disk.link(&old, &self.path)?;
            self.disk.sync_directory(self.directory())?;
        }
        for name in self.disk.list(self.directory())? {
            if self.is_leftover(&name) {
                self.disk.remove(&self.directory().join(&name))?;
            }
        }
        Ok(())
    }

    /// Marks that what the table lost is being brought back from the active file. The mark stays when the node ends meanwhile.
    ///
    /// # Errors
    /// The reason.
    pub fn mark_restore(&self) -> Result<(), Error> {
        self.write_beside(&self.neighbour(RESTORE), RESTORE_TEXT.as_bytes())
    }

    /// Tells whether the mark of [`LocalFile::mark_restore`] is there.
    #[must_use]
    pub fn is_being_restored(&self) -> bool {
        self.disk.exists(&self.neighbour(RESTORE))
    }

    /// Removes the mark: all of it is back.
    ///
    /// # Errors
    /// The reason.
    pub fn unmark_restore(&self) -> Result<(), Error> {
        self.remove_beside(&self.neighbour(RESTORE))
    }

    /// Keeps the ids of policies that the source was sent and has not had since, with the number of rounds in which it was: their
    /// lines read like those of the source.
    ///
    /// # Errors
    /// The reason.
    pub fn keep_untold(&self, untold: &HashMap<String, u32>) -> Result<(), Error> {
        let path = self.neighbour(UNTOLD);
        if untold.is_empty() {
            return if self.disk.exists(&path) { self.remove_beside(&path) } else { Ok(()) };
        }
        let text: Value = untold.iter().map(|(id, rounds)| (id.as_str(), *rounds)).collect();
        self.write_beside(&path, text.to_string().as_bytes())
    }

    /// Returns what [`LocalFile::keep_untold`] kept.
    ///
    /// # Errors
    /// The reason, when it is there but cannot be read.
    pub fn read_untold(&self) -> Result<HashMap<String, u32>, Error> {
        let path = self.neighbour(UNTOLD);
        if !self.disk.exists(&path) {
            return Ok(HashMap::new());
        }
        let bytes = self.disk.read(&path).map_err(|error| failed(&path, error))?;
        Ok(serde_json::from_slice(&bytes).unwrap_or_else(|error| {
            tracing::warn!(path = %path.display(), %error, "nobody can tell of which policies the source has not been told");
            HashMap::new()
        }))
    }

    fn remove_beside(&self, path: &Path) -> Result<(), Error> {
        let removed = self.disk.remove(path).and_then(|()| self.disk.sync_directory(self.directory()));
        removed.map_err(|error| failed(path, error))
    }

    /// Keeps the active file under another name, with a time in it, and returns the name. The active file stays.
    ///
    /// # Errors
    /// The reason.
    pub fn keep(&self, time: &str) -> Result<PathBuf, Error> {
        // A time has colons, which some file systems refuse.
        let kept = self.neighbour(&format!("{}.kept", time.replace(':', "-")));
        let bytes = self.disk.read(&self.path).map_err(|error| self.failed(error))?;
        self.write_beside(&kept, &bytes)?;
        Ok(kept)
    }

    fn is_leftover(&self, name: &str) -> bool {
        let stem = self.path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let Some(rest) = name.strip_prefix(&stem) else { return false };
        rest.ends_with(".tmp")
            || rest.ends_with(".transfer")
            || (rest.starts_with(".master_id_") && rest.ends_with(".new"))
    }

    fn temporary(&self, kind: &str) -> PathBuf {
        self.path.with_extension(kind)
    }

    fn directory(&self) -> &Path {
        match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        }
    }

    fn failed(&self, error: io::Error) -> Error {
        failed(&self.path, error)
    }
}

/// Returns a name under which nobody else writes: the local copy has the same stem and is written at any time, and several callers
/// may ask for the same file at once.
fn fresh_beside(path: &Path) -> PathBuf {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", NEXT.fetch_add(1, Ordering::Relaxed)));
    path.with_file_name(name)
}

fn failed(path: &Path, error: io::Error) -> Error {
    Error::File { path: path.display().to_string(), source: Arc::new(error) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::file::disk::RealDisk;
    use std::fs;

    #[test]
    fn a_file_beside_one_that_nobody_has_written_yet_is_written() {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join("blockchain");
        let file = LocalFile::new(directory.join("blockchain.json"), Arc::new(RealDisk));
        file.write_beside(&directory.join("blockchain.new"), b"x\n").unwrap();
        assert_eq!(fs::read(directory.join("blockchain.new")).unwrap(), b"x\n");
    }

    #[test]
    fn files_that_are_written_at_the_same_time_do_not_meet() {
        let home = tempfile::tempdir().unwrap();
        let file = LocalFile::new(home.path().join("blockchain.json"), Arc::new(RealDisk));
        let (new, text) = (home.path().join("blockchain.new"), |writer: u8| vec![b'0' + writer; 5000]);
        std::thread::scope(|scope| {
            for writer in 0..3 {
                let (file, new, bytes) = (&file, &new, text(writer));
                scope.spawn(move || (0..20).for_each(|_| file.write_beside(new, &bytes).unwrap()));
            }
            (0..20).for_each(|_| file.replace(&mut iter::once(&*text(9))).unwrap());
        });
        assert_eq!(fs::read(file.path()).unwrap(), text(9));
        let written = fs::read(new).unwrap();
        assert!((0..3).any(|writer| written == text(writer)), "one of them, whole");
    }
}
