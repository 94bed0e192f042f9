//! A disk in memory that loses its power: what was written and not synced is then there or not, whole or in part, and so are names
//! whose directory was not synced.

use super::Numbers;
use anylog_master::ledger::{FilePieces, LocalDisk};
use std::{
    collections::{BTreeMap, HashMap},
    io::{self, BufRead, Cursor},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard},
};

/// A disk that has power for a number of operations; clones are the same.
#[derive(Clone)]
pub struct PoweredDisk(Arc<Mutex<Platters>>);

#[derive(Clone, Default)]
struct Platters {
    files: HashMap<usize, Content>,
    /// The names that stay, and those that there are.
    synced: BTreeMap<PathBuf, usize>,
    names: BTreeMap<PathBuf, usize>,
    /// What happened to the names since their directory was synced. There is one directory.
    unsynced: Vec<NameChange>,
    /// Operations until the power is lost.
    left: usize,
    is_off: bool,
    done: usize,
}

/// The bytes of a file.
#[derive(Clone, Default)]
struct Content {
    synced: Vec<u8>,
    written: Vec<u8>,
}

#[derive(Clone)]
enum NameChange {
    Added(PathBuf, usize),
    Renamed(PathBuf, PathBuf, usize),
    Removed(PathBuf),
}

impl PoweredDisk {
    /// Makes an empty disk that has power for so many operations.
    pub fn new(operations: usize) -> Self {
        Self(Arc::new(Mutex::new(Platters { left: operations, ..Platters::default() })))
    }

    /// Returns how many operations were done.
    pub fn done(&self) -> usize {
        self.platters().done
    }

    /// Tells whether the power is lost.
    pub fn is_off(&self) -> bool {
        self.platters().is_off
    }

    /// Returns the disk as it is found when the power is back, which stays.
    pub fn found(&self, numbers: &mut Numbers) -> Self {
        let before = self.platters().clone();
        let mut after = Platters { left: usize::MAX, files: before.files, names: before.synced, ..Platters::default() };
        before.unsynced.into_iter().filter(|_| numbers.coin()).for_each(|change| after.rename(change));
        // In an order that the seed decides, and not the addresses of this run.
        let mut inodes: Vec<_> = after.files.keys().copied().collect();
        inodes.sort_unstable();
        for inode in inodes {
            if let Some(content) = after.files.get_mut(&inode) {
                content.lose(numbers);
            }
        }
        after.synced = after.names.clone();
        Self(Arc::new(Mutex::new(after)))
    }

    fn platters(&self) -> MutexGuard<'_, Platters> {
        self.0.lock().unwrap()
    }
}

impl Content {
    /// Leaves what was written since the last sync out, in part or as a whole.
    fn lose(&mut self, numbers: &mut Numbers) {
        let kept = if self.written.starts_with(&self.synced) { self.synced.len() } else { 0 };
        let reached = kept + numbers.below(self.written.len() - kept + 1);
        match numbers.below(4) {
            0 => self.written = self.synced.clone(),
            1 => self.written.truncate(reached),
            2 => self.written[reached..].fill(0),
            _ => {}
        }
        self.synced = self.written.clone();
    }
}

impl Platters {
    fn step(&mut self) -> io::Result<()> {
        if self.left == 0 {
            self.is_off = true;
            return Err(io::Error::other("the power is lost"));
        }
        self.left -= 1;
        self.done += 1;
        Ok(())
    }

    fn rename(&mut self, change: NameChange) {
        match change {
            NameChange::Added(path, inode) => drop(self.names.insert(path, inode)),
            NameChange::Renamed(from, to, inode) => {
                self.names.remove(&from);
                self.names.insert(to, inode);
            }
            NameChange::Removed(path) => drop(self.names.remove(&path)),
        }
    }

    fn change(&mut self, change: NameChange) {
        self.unsynced.push(change.clone());
        self.rename(change);
    }

    fn inode(&self, path: &Path) -> io::Result<usize> {
        self.names.get(path).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn content(&self, path: &Path) -> io::Result<&Content> {
        Ok(&self.files[&self.inode(path)?])
    }

    /// Opens a file and makes it when it is missing.
    fn create(&mut self, path: &Path) -> &mut Content {
        let inode = self.inode(path).unwrap_or_else(|_| {
            let inode = self.files.len();
            self.change(NameChange::Added(path.to_owned(), inode));
            inode
        });
        self.files.entry(inode).or_default()
    }

    /// Writes bytes at the end of a file and syncs it; half of them when the power goes meanwhile.
    fn add(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let outcome = self.step();
        let reached = if outcome.is_ok() { bytes.len() } else { bytes.len() / 2 };
        self.create(path).written.extend_from_slice(&bytes[..reached]);
        outcome?;
        self.step()?;
        let content = self.create(path);
        content.synced = content.written.clone();
        Ok(())
    }
}

impl LocalDisk for PoweredDisk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        Ok(self.platters().content(path)?.written.clone())
    }
    fn open(&self, path: &Path) -> io::Result<Box<dyn BufRead>> {
        Ok(Box::new(Cursor::new(self.read(path)?)))
    }
    fn holds(&self, path: &Path, pieces: FilePieces<'_, '_>) -> io::Result<bool> {
        match self.read(path) {
            Ok(bytes) => Ok(pieces.flatten().copied().eq(bytes)),
            Err(_) => Ok(false),
        }
    }
    fn write(&self, path: &Path, pieces: FilePieces<'_, '_>) -> io::Result<()> {
        let mut platters = self.platters();
        platters.step()?;
        platters.create(path).written.clear();
        platters.add(path, &pieces.flatten().copied().collect::<Vec<_>>())
    }
    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut platters = self.platters();
        platters.step()?;
        let is_whole = platters.create(path).written.last().is_none_or(|last| *last == b'\n');
        let lines = if is_whole { bytes.to_vec() } else { [b"\n", bytes].concat() };
        platters.add(path, &lines)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut platters = self.platters();
        platters.step()?;
        let inode = platters.inode(from)?;
        platters.change(NameChange::Renamed(from.to_owned(), to.to_owned(), inode));
        Ok(())
    }
    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut platters = self.platters();
        platters.step()?;
        let inode = platters.inode(from)?;
        platters.change(NameChange::Added(to.to_owned(), inode));
        Ok(())
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut platters = self.platters();
        platters.step()?;
        platters.change(NameChange::Removed(path.to_owned()));
        Ok(())
    }
    fn sync_directory(&self, _path: &Path) -> io::Result<()> {
        let mut platters = self.platters();
        platters.step()?;
        platters.synced = platters.names.clone();
        platters.unsynced.clear();
        Ok(())
    }
    fn create_directory(&self, _path: &Path) -> io::Result<()> {
        Ok(())
    }
    fn list(&self, directory: &Path) -> io::Result<Vec<String>> {
        let platters = self.platters();
        let inside = platters.names.keys().filter(|path| path.parent() == Some(directory));
        Ok(inside.map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect())
    }
    fn exists(&self, path: &Path) -> bool {
        self.platters().names.contains_key(path)
    }
}
