//! Where the node keeps its files: the variables of its work directories.

use super::dictionary::Dictionary;
use std::path::{Path, PathBuf};

/// Files below the root: the variable that names one, and its place.
pub const FILES: [(&str, &str); 3] = [
    ("blockchain_file", "blockchain/blockchain.json"),
    ("blockchain_new", "blockchain/blockchain.new"),
    ("blockchain_sql", "blockchain/blockchain.sql"),
];

/// Directories below the root: the variable that names one, and its place.
pub const PLACES: [(&str, &str); 15] = [
    ("blockchain_dir", "blockchain"),
    ("local_scripts", "scripts"),
    ("prep_dir", "data/prep"),
    ("watch_dir", "data/watch"),
    ("bkup_dir", "data/bkup"),
    ("err_dir", "data/error"),
    ("dbms_dir", "data/dbms"),
    ("archive_dir", "data/archive"),
    ("distr_dir", "data/distr"),
    ("pem_dir", "data/pem"),
    ("test_dir", "data/test"),
    ("blobs_dir", "data/blobs"),
    ("bwatch_dir", "data/bwatch"),
    ("tmp_dir", "data/tmp"),
    ("id_dir", "anylog"),
];

/// Returns the directory of a work directory that a variable names, wherever the variable points.
#[must_use]
pub fn place(dictionary: &Dictionary, name: &str) -> Option<PathBuf> {
    let mut places = FILES.iter().chain(&PLACES);
    let (_, place) = places.find(|(variable, _)| *variable == name)?;
    Some(dictionary.home().join("EdgeLake").join(place))
}

/// Sets the variables of all work directories and files for a root directory.
pub fn locate(dictionary: &Dictionary, root: &str) {
    let root = root.trim_end_matches('/');
    dictionary.set_home(Path::new(root));
    dictionary.set("edgelake_path", root);
    for (name, place) in FILES.into_iter().chain(PLACES) {
        dictionary.set(name, format!("{root}/EdgeLake/{place}"));
    }
}
