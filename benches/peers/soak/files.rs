//! The files of the database: where they are and how large.

use crate::node::Node;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// How the name of a file of SQLite ends, and those of the files beside it go on.
const SQLITE: &str = ".dbms";

/// Returns the directory in which the database of a node has its files.
pub fn place(node: &Node) -> PathBuf {
    node.server().map_or_else(|| node.home(), |server| server.sockets()).to_owned()
}

/// Returns the file of SQLite that a node has the ledger in.
pub fn sqlite(node: &Node) -> PathBuf {
    let mut files = Vec::new();
    find(node.home(), &mut files);
    files.into_iter().find(|path| path.to_string_lossy().ends_with(SQLITE)).expect("the ledger has a file")
}

/// Returns the megabytes of the files of a database: all of a server, or those that SQLite made.
pub fn size(place: &Path, is_server: bool) -> f64 {
    let mut files = Vec::new();
    find(place, &mut files);
    let counted = files.iter().filter(|path| is_server || path.to_string_lossy().contains(SQLITE));
    // A file that goes away meanwhile counts nothing.
    counted.filter_map(|path| Some(fs::metadata(path).ok()?.len())).sum::<u64>() as f64 / 1e6
}

fn find(place: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => find(&entry.path(), found),
            Ok(_) => found.push(entry.path()),
            Err(_) => {}
        }
    }
}
