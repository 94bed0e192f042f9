//! The file operations of the local copy, behind a trait so that a test can let each of them fail.

use crate::runtime::steady_file::SteadyFile;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader, BufWriter, Write as _},
    path::Path,
};

/// The bytes of a file, piece by piece.
pub type FilePieces<'p, 'b> = &'p mut (dyn Iterator<Item = &'b [u8]> + 'p);

/// Bytes that are read and written at once.
const BUFFER: usize = 64 * 1024;

/// File operations. What they write is on the disk when they return.
pub trait LocalDisk: Send + Sync {
    /// Returns the bytes of a file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// Opens a file to read it from its beginning.
    fn open(&self, path: &Path) -> io::Result<Box<dyn BufRead>>;
    /// Tells whether a file holds these bytes and no others; one that is not there holds none.
    fn holds(&self, path: &Path, pieces: FilePieces<'_, '_>) -> io::Result<bool>;
    /// Writes a file from its beginning and syncs it.
    fn write(&self, path: &Path, pieces: FilePieces<'_, '_>) -> io::Result<()>;
    /// Adds bytes at the end of a file, after a line end, and syncs it.
    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Renames a file over another.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Gives a file a second name.
    fn link(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file, if it is there.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Syncs the names of a directory.
    fn sync_directory(&self, path: &Path) -> io::Result<()>;
    /// Makes a directory and those above it.
    fn create_directory(&self, path: &Path) -> io::Result<()>;
    /// Returns the names in a directory.
    fn list(&self, path: &Path) -> io::Result<Vec<String>>;
    /// Tells whether a file is there.
    fn exists(&self, path: &Path) -> bool;
}

/// The disk of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

impl LocalDisk for RealDisk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn BufRead>> {
        Ok(Box::new(BufReader::with_capacity(BUFFER, File::open(path)?)))
    }

    fn holds(&self, path: &Path, pieces: FilePieces<'_, '_>) -> io::Result<bool> {
        let mut file = match self.open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        for mut piece in pieces {
            while !piece.is_empty() {
                let there = file.fill_buf()?;
                let compared = there.len().min(piece.len());
                let (now, rest) = piece.split_at_checked(compared).unwrap_or((piece, &[]));
                if compared == 0 || there.get(..compared) != Some(now) {
                    return Ok(false);
                }
                file.consume(compared);
                piece = rest;
            }
        }
        Ok(file.fill_buf()?.is_empty())
    }

    fn write(&self, path: &Path, pieces: FilePieces<'_, '_>) -> io::Result<()> {
        let mut file = BufWriter::with_capacity(BUFFER, SteadyFile::new(File::create(path)?));
        for piece in pieces {
            file.write_all(piece)?;
        }
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
    }

    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        use std::io::{Read as _, Seek as _, SeekFrom};
        let mut file = OpenOptions::new().create(true).read(true).append(true).open(path)?;
        let mut last = [b'\n'];
        if file.metadata()?.len() > 0 {
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut last)?;
        }
        let mut lines = Vec::with_capacity(bytes.len() + 1);
        if last != [b'\n'] {
            lines.push(b'\n');
        }
        lines.extend_from_slice(bytes);
        file.write_all(&lines)?;
        file.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::hard_link(from, to).or_else(|_| fs::copy(from, to).map(|_| ()))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn create_directory(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        fs::read_dir(path)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_file_holds_what_was_written_and_nothing_else(
            pieces in proptest::collection::vec(proptest::collection::vec(0_u8..3, 0..40), 0..6),
            other in proptest::collection::vec(0_u8..3, 0..3),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("file");
            prop_assert!(!RealDisk.holds(&path, &mut std::iter::empty()).unwrap(), "nothing is there");
            RealDisk.write(&path, &mut pieces.iter().map(Vec::as_slice)).unwrap();
            let whole = pieces.concat();
            prop_assert_eq!(&fs::read(&path).unwrap(), &whole);
            prop_assert!(RealDisk.holds(&path, &mut pieces.iter().map(Vec::as_slice)).unwrap());
            prop_assert!(RealDisk.holds(&path, &mut whole.chunks(7)).unwrap());
            let more = [whole.clone(), other.clone()].concat();
            prop_assert_eq!(RealDisk.holds(&path, &mut std::iter::once(more.as_slice())).unwrap(), other.is_empty());
            prop_assert_eq!(RealDisk.holds(&path, &mut std::iter::once(other.as_slice())).unwrap(), other == whole);
        }
    }
}
