//! Where the node keeps its files: the variables of its work directories.

use super::dictionary::Dictionary;
use crate::runtime::mounts;
use std::path::{Path, PathBuf};

/// Folder below the root with the work directories, as the images of the network have it.
const FOLDER: &str = "EdgeLake";
/// The folder of the commercial product, at which its compose files mount volumes.
const PRODUCT_FOLDER: &str = "AnyLog-Network";
/// Files below such a folder that are there when a master has used it.
const LEDGERS: [&str; 2] = ["blockchain/blockchain.json", "data/dbms/blockchain.dbms"];

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

/// Variables of directories that are only read; somebody else may own what is mounted there.
pub const READ_ALONE: [&str; 2] = ["local_scripts", "test_dir"];

/// Returns the folder with the work directories of a root: the one of the commercial product where its volumes are mounted
/// or a ledger lies in it and neither is so in the usual one.
#[must_use]
pub fn folder(root: &Path) -> PathBuf {
    let [usual, product] = [FOLDER, PRODUCT_FOLDER].map(|name| root.join(name));
    let is_used = |folder: &Path| {
        folder.is_dir() && (mounts::is_at_or_below(folder) || LEDGERS.iter().any(|ledger| folder.join(ledger).exists()))
    };
    if is_used(&product) && !is_used(&usual) { product } else { usual }
}

/// Returns the directories of a root in which the node makes files.
#[must_use]
pub fn written(root: &Path) -> Vec<PathBuf> {
    let folder = folder(root);
    let written = PLACES.iter().filter(|(variable, _)| !READ_ALONE.contains(variable));
    written.map(|(_, place)| folder.join(place)).collect()
}

/// Returns the directory of a work directory that a variable names, wherever the variable points.
#[must_use]
pub fn place(dictionary: &Dictionary, name: &str) -> Option<PathBuf> {
    let mut places = FILES.iter().chain(&PLACES);
    let (_, place) = places.find(|(variable, _)| *variable == name)?;
    Some(folder(&dictionary.home()).join(place))
}

/// Sets the variables of all work directories and files for a root directory.
pub fn locate(dictionary: &Dictionary, root: &str) {
    let root = root.trim_end_matches('/');
    dictionary.set_home(Path::new(root));
    dictionary.set("edgelake_path", root);
    let folder = folder(Path::new(root));
    for (name, place) in FILES.into_iter().chain(PLACES) {
        dictionary.set(name, folder.join(place).display().to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_folder_of_the_product_counts_while_it_alone_holds_a_ledger() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        assert_eq!(folder(root.path()), at("EdgeLake"));
        for name in ["AnyLog-Network", "EdgeLake"] {
            fs::create_dir_all(at(name).join("blockchain")).unwrap();
        }
        assert_eq!(folder(root.path()), at("EdgeLake"), "directories of the image are no data");
        fs::write(at("AnyLog-Network/blockchain/blockchain.json"), "").unwrap();
        assert_eq!(folder(root.path()), at("AnyLog-Network"));
        assert!(written(root.path()).contains(&at("AnyLog-Network/data/dbms")));
        fs::write(at("EdgeLake/blockchain/blockchain.json"), "").unwrap();
        assert_eq!(folder(root.path()), at("EdgeLake"));
    }
}
