//! A disk on which one operation fails, and does half of its work where it can.

use anylog_master::ledger::{FilePieces, LocalDisk, RealDisk};
use std::{
    fs,
    io::{self, BufRead, BufReader, Read},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

/// What the system says of a failed operation.
pub const ERRORS: [(&str, i32); 3] = [("ENOSPC", 28), ("EIO", 5), ("EINTR", 4)];

/// A disk whose n-th operation fails, once. The operations are the calls of the system that [`RealDisk`] makes: to write a file is to
/// open it, to write to it and to sync it.
pub struct FaultyDisk {
    left: AtomicUsize,
    error: i32,
}

impl FaultyDisk {
    /// Makes a disk whose operation of a number, from 0, fails.
    pub fn new(failing: usize, error: i32) -> Arc<Self> {
        Arc::new(Self { left: AtomicUsize::new(failing), error })
    }

    /// Tells whether the operation came that fails.
    pub fn has_failed(&self) -> bool {
        self.left.load(Ordering::SeqCst) == usize::MAX
    }

    fn step(&self) -> io::Result<()> {
        match self.left.load(Ordering::SeqCst) {
            // The one that fails was there.
            usize::MAX => return Ok(()),
            0 => {}
            left => {
                self.left.store(left - 1, Ordering::SeqCst);
                return Ok(());
            }
        }
        self.left.store(usize::MAX, Ordering::SeqCst);
        Err(io::Error::from_raw_os_error(self.error))
    }

    /// Writes bytes to the end of a file; half of them when it fails.
    fn written(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let (bytes, outcome) = match self.step() {
            Ok(()) => (bytes, Ok(())),
            Err(error) => (&bytes[..bytes.len() / 2], Err(error)),
        };
        io::Write::write_all(&mut fs::OpenOptions::new().append(true).open(path)?, bytes)?;
        outcome
    }

    /// Syncs a file. After a sync that fails a kernel may forget what it did not write, and the next one is good: the file is as
    /// long as it was at the last good one.
    fn synced(&self, path: &Path, length: u64) -> io::Result<()> {
        self.step().or_else(|error| {
            fs::OpenOptions::new().write(true).open(path)?.set_len(length)?;
            Err(error)
        })
    }
}

impl LocalDisk for FaultyDisk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.step()?;
        self.step()?;
        RealDisk.read(path)
    }
    fn open(&self, path: &Path) -> io::Result<Box<dyn BufRead>> {
        self.step()?;
        let file = RealDisk.open(path)?;
        match self.step() {
            Ok(()) => Ok(file),
            Err(error) => {
                let half = HalfRead { file, left: fs::metadata(path)?.len() / 2, error: Some(error) };
                Ok(Box::new(BufReader::new(half)))
            }
        }
    }
    fn holds(&self, path: &Path, pieces: FilePieces<'_, '_>) -> io::Result<bool> {
        self.step()?;
        RealDisk.holds(path, pieces)
    }
    fn write(&self, path: &Path, pieces: FilePieces<'_, '_>) -> io::Result<()> {
        self.step()?;
        fs::File::create(path)?;
        self.written(path, &pieces.flatten().copied().collect::<Vec<_>>())?;
        self.synced(path, 0)
    }
    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.step()?;
        let length = fs::metadata(path).map_or(0, |file| file.len());
        RealDisk.append(path, b"")?;
        self.written(path, bytes)?;
        self.synced(path, length)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step().and_then(|()| RealDisk.rename(from, to))
    }
    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step().and_then(|()| RealDisk.link(from, to))
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step().and_then(|()| RealDisk.remove(path))
    }
    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        self.step().and_then(|()| RealDisk.sync_directory(path))
    }
    fn create_directory(&self, path: &Path) -> io::Result<()> {
        self.step().and_then(|()| RealDisk.create_directory(path))
    }
    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        self.step().and_then(|()| RealDisk.list(path))
    }
    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }
}

/// A file of which one read fails.
struct HalfRead {
    file: Box<dyn BufRead>,
    left: u64,
    error: Option<io::Error>,
}

impl Read for HalfRead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left > 0 {
            let read = self.file.by_ref().take(self.left).read(buffer)?;
            self.left -= u64::try_from(read).unwrap();
            return Ok(read);
        }
        self.error.take().map_or_else(|| self.file.read(buffer), Err)
    }
}
