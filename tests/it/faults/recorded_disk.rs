//! A disk as strace reports what a node did to it: what is there when the power goes after a line of the report.

use super::Numbers;
use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::{Path, PathBuf},
};

/// The calls that change files, and those that make changes last. Not every kind of processor has those with a question mark.
pub const CALLS: &str = "trace=openat,write,writev,pwrite64,pwritev,ftruncate,fallocate,fsync,fdatasync,?link,linkat,\
                         ?rename,?renameat,renameat2,?unlink,unlinkat";
/// Bytes that a disk writes as a whole.
const SECTOR: usize = 512;

/// Some directories, with what lasts of them and what does not yet.
#[derive(Clone, Default)]
pub struct RecordedDisk {
    files: HashMap<usize, Content>,
    synced: BTreeMap<PathBuf, usize>,
    names: BTreeMap<PathBuf, usize>,
    /// What happened to names since their directory was synced: those that have a file from then on, or none.
    unsynced: Vec<(PathBuf, Option<usize>)>,
}

#[derive(Clone, Default)]
struct Content {
    synced: Vec<u8>,
    unsynced: Vec<Change>,
}

#[derive(Clone)]
enum Change {
    Written(usize, Vec<u8>),
    Length(usize),
}

impl Change {
    fn make(&self, bytes: &mut Vec<u8>, reached: usize) {
        match self {
            Self::Length(length) => bytes.resize(*length, 0),
            Self::Written(at, written) => {
                let written = &written[..reached.min(written.len())];
                bytes.resize(bytes.len().max(at + written.len()), 0);
                bytes[*at..at + written.len()].copy_from_slice(written);
            }
        }
    }
}

impl RecordedDisk {
    /// Reads directories of a node that does nothing at the moment; what they hold lasts.
    pub fn read(directories: &[&Path]) -> Self {
        let mut disk = Self::default();
        for entry in directories.iter().flat_map(|directory| fs::read_dir(directory).unwrap()).map(Result::unwrap) {
            if entry.path().is_file() {
                let content = Content { synced: fs::read(entry.path()).unwrap(), unsynced: Vec::new() };
                disk.names.insert(entry.path(), disk.files.len());
                disk.files.insert(disk.files.len(), content);
            }
        }
        disk.synced = disk.names.clone();
        disk
    }

    /// Does what a call of the report did, within these directories.
    fn make(&mut self, call: &Call) {
        let path = |at: usize| call.paths.get(at).cloned().unwrap_or_default();
        match call.name.as_str() {
            "openat" => self.open(&path(call.paths.len().saturating_sub(1)), &call.text),
            "write" | "writev" => self.append(&path(0), &call.data),
            "pwrite64" | "pwritev" => self.change(&path(0), Change::Written(call.last_number(), call.data.clone())),
            "ftruncate" => self.change(&path(0), Change::Length(call.last_number())),
            "fsync" | "fdatasync" => self.sync(&path(0)),
            "link" | "linkat" => {
                let inode = self.names.get(&call.strings[0]).copied();
                self.name(&call.strings[1], inode);
            }
            "rename" | "renameat" | "renameat2" => {
                let inode = self.names.get(&call.strings[0]).copied();
                self.name(&call.strings[1], inode);
                self.name(&call.strings[0], None);
            }
            "unlink" | "unlinkat" => self.name(&call.strings[0], None),
            other => panic!("the node makes a call that the record does not know: {other}"),
        }
    }

    fn open(&mut self, path: &Path, text: &str) {
        let is_here = path.parent().is_some_and(|parent| self.names.keys().any(|name| name.parent() == Some(parent)));
        if !self.names.contains_key(path) && text.contains("O_CREAT") && is_here {
            self.files.insert(self.files.len(), Content::default());
            self.name(path, Some(self.files.len() - 1));
        } else if text.contains("O_TRUNC") {
            self.change(path, Change::Length(0));
        }
    }

    /// Takes note of a name, of which those count that lie beside a file of the ledger.
    fn name(&mut self, path: &Path, inode: Option<usize>) {
        let known = self.names.remove(path);
        if let Some(inode) = inode {
            self.names.insert(path.to_owned(), inode);
        }
        if known.is_some() || inode.is_some() {
            self.unsynced.push((path.to_owned(), inode));
        }
    }

    fn content(&mut self, path: &Path) -> Option<&mut Content> {
        self.names.get(path).and_then(|inode| self.files.get_mut(inode))
    }

    fn change(&mut self, path: &Path, change: Change) {
        if let Some(content) = self.content(path) {
            content.unsynced.push(change);
        }
    }

    /// The node writes only at the end of a file when it does not say where.
    fn append(&mut self, path: &Path, data: &[u8]) {
        if let Some(content) = self.content(path) {
            let end = content.now().len();
            content.unsynced.push(Change::Written(end, data.to_vec()));
        }
    }

    fn sync(&mut self, path: &Path) {
        if let Some(content) = self.content(path) {
            content.synced = content.now();
            content.unsynced.clear();
        }
        let is_inside = |(name, _): &(PathBuf, _)| name.parent() == Some(path);
        for (name, inode) in self.unsynced.extract_if(.., |change| is_inside(change)) {
            match inode {
                Some(inode) => drop(self.synced.insert(name, inode)),
                None => drop(self.synced.remove(&name)),
            }
        }
    }

    /// Writes the files as they are found after a loss of power into one directory: of what was not synced some is there, some in
    /// part, some not.
    pub fn lose_power(&self, numbers: &mut Numbers, into: &Path) {
        let mut names = self.synced.clone();
        for (name, inode) in self.unsynced.iter().filter(|_| numbers.coin()) {
            match inode {
                Some(inode) => drop(names.insert(name.clone(), *inode)),
                None => drop(names.remove(name)),
            }
        }
        for (name, inode) in names {
            let content = &self.files[&inode];
            let mut bytes = content.synced.clone();
            for change in &content.unsynced {
                match numbers.below(4) {
                    0 => {}
                    1 => change.make(&mut bytes, SECTOR * numbers.below(9)),
                    _ => change.make(&mut bytes, usize::MAX),
                }
            }
            // The index of the log is memory that no loss of power leaves.
            if !name.to_string_lossy().ends_with("-shm") {
                fs::write(into.join(name.file_name().unwrap()), bytes).unwrap();
            }
        }
    }
}

impl Content {
    fn now(&self) -> Vec<u8> {
        let mut bytes = self.synced.clone();
        self.unsynced.iter().for_each(|change| change.make(&mut bytes, usize::MAX));
        bytes
    }
}

/// One call of the report.
struct Call {
    name: String,
    text: String,
    /// The files behind the numbers of open files.
    paths: Vec<PathBuf>,
    /// The texts that are names.
    strings: Vec<PathBuf>,
    /// The bytes of all texts.
    data: Vec<u8>,
}

impl Call {
    /// Reads a call that was made; nothing of any other line.
    fn read(text: &str) -> Option<Self> {
        let (call, result) = text.rsplit_once(" = ")?;
        if result.starts_with('-') || result.starts_with('?') {
            return None;
        }
        let (name, arguments) = call.split_once('(')?;
        let path = |hex: &str| PathBuf::from(String::from_utf8_lossy(&bytes(hex)).into_owned());
        let paths = [arguments, result].into_iter().flat_map(|part| part.split('<').skip(1));
        let strings: Vec<&str> = arguments.split('"').skip(1).step_by(2).collect();
        Some(Self {
            name: name.trim().to_owned(),
            text: arguments.to_owned(),
            paths: paths.map(|part| path(part.split('>').next().unwrap_or_default())).collect(),
            data: strings.iter().flat_map(|hex| bytes(hex)).collect(),
            strings: strings.into_iter().map(path).collect(),
        })
    }

    fn last_number(&self) -> usize {
        let last = self.text.trim_end().trim_end_matches(')').rsplit(", ").next().unwrap();
        last.parse().unwrap_or_else(|_| panic!("no number at the end of {}({}", self.name, self.text))
    }
}

/// Reads `\x41\x42`.
fn bytes(hex: &str) -> Vec<u8> {
    hex.split("\\x").skip(1).map(|digits| u8::from_str_radix(digits.get(..2).unwrap_or("0"), 16).unwrap()).collect()
}

/// The calls of a report, each with the place in the report at which it was made.
pub struct Report(Vec<(usize, Call)>);

impl Report {
    /// Reads a report. A call that another thread interrupted stands in two lines, and counts where its end stands.
    pub fn read(path: &Path) -> Self {
        let (text, mut at, mut begun, mut calls) = (fs::read_to_string(path).unwrap(), 0, HashMap::new(), Vec::new());
        for line in text.lines() {
            at += line.len() + 1;
            let Some((thread, call)) = line.split_once(' ') else { continue };
            let whole = match call.trim_start().strip_suffix(" <unfinished ...>") {
                Some(beginning) => {
                    begun.insert(thread.to_owned(), beginning.to_owned());
                    continue;
                }
                None if call.trim_start().starts_with("<... ") => {
                    let beginning: String = begun.remove(thread).unwrap_or_default();
                    format!("{beginning}{}", call.split_once("resumed>").map_or("", |(_, end)| end))
                }
                None => call.trim_start().to_owned(),
            };
            calls.extend(Call::read(&whole).map(|call| (at, call)));
        }
        Self(calls)
    }

    /// Returns how many calls there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Does so many calls on a disk and returns the place in the report behind them.
    pub fn replay(&self, disk: &mut RecordedDisk, calls: usize) -> usize {
        self.0.iter().take(calls).for_each(|(_, call)| disk.make(call));
        // What was told before the next call is told.
        self.0.get(calls).map_or(usize::MAX, |(at, _)| at - 1)
    }
}
