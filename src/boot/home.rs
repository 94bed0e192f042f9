//! The directories and files that the node writes, tried before anything starts: one message names all that cannot be used.

use crate::{
    boot::{
        BootFailure,
        unusable::{Unusable, UnusableCause},
    },
    config::{Config, DbType},
    node::work_directories,
    runtime::{
        file_system::{self, FileSystem},
        user::User,
    },
};
use rustix::fs::Access;
use std::{
    fs,
    io::{self, ErrorKind},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// Directories whose files the node reads and writes again after a restart.
const KEPT: [&str; 2] = ["blockchain", DBMS];
/// Directory of SQLite files.
const DBMS: &str = "data/dbms";
/// Names of files that must not be directories. An engine makes a directory of a file that it shall mount and that is not
/// there.
const FILES: [&str; 2] = ["blockchain/blockchain.json", "data/dbms/blockchain.dbms"];

/// Makes the work directories below a root, and sees that files can be written in each and that those which are there can be
/// used.
///
/// # Errors
/// Every path that cannot be used, with the reason and the command that gives all of them to this user.
pub fn prepare(config: &Config) -> Result<(), BootFailure> {
    // A relative path has no ancestor that could be looked at, and a command for it would be run elsewhere.
    let home = std::path::absolute(&config.paths.anylog_path).unwrap_or_else(|_| config.paths.anylog_path.clone());
    let home = &*home;
    let mut found = Unusable::new(User::of_this_process());
    for directory in work_directories::written(home) {
        if let Err((path, error)) = try_directory(&directory) {
            let outside = home.starts_with(&path) && home != path;
            match outside || path == Path::new("/") {
                true => found.add(directory_below(&path, home, &directory), UnusableCause::Missing(error)),
                false => found.add_error(path, error),
            }
        }
    }
    let folder = work_directories::folder(home);
    for file in KEPT.iter().flat_map(|name| files(&folder.join(name))) {
        try_file(&file, &mut found);
    }
    for file in FILES.map(|name| folder.join(name)).into_iter().filter(|file| file.is_dir()) {
        found.add(file, UnusableCause::Directory);
    }
    if config.database.db_type == DbType::Sqlite
        && let Ok(FileSystem::Network(kind)) = file_system::of(&folder.join(DBMS))
    {
        found.add(folder.join(DBMS), UnusableCause::Network(kind));
    }
    found.into_result().map_err(BootFailure::Home)
}

/// Says what keeps a path from being used, and what gives it to this user.
pub fn refused(path: &Path, error: io::Error) -> BootFailure {
    let mut found = Unusable::new(User::of_this_process());
    found.add_error(path.to_owned(), error);
    BootFailure::Home(found)
}

/// Makes a directory and a file in it; the path that stands in the way comes with the error.
fn try_directory(directory: &Path) -> Result<(), (PathBuf, io::Error)> {
    if let Err(error) = fs::create_dir_all(directory) {
        let reached = directory.ancestors().find(|path| path.symlink_metadata().is_ok());
        return Err((reached.unwrap_or(directory).to_owned(), error));
    }
    let probe = directory.join(".anylog-master");
    match fs::write(&probe, b"").and_then(|()| fs::remove_file(&probe)) {
        // A disk without room is no mistake of the owner: what can be read is served. Another process may have removed the file.
        Err(error)
            if !matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::NotFound) =>
        {
            Err((directory.to_owned(), error))
        }
        _ => Ok(()),
    }
}

/// Returns the first directory that is missing below one that exists: the root of the node, or what lies below `/`.
fn directory_below(existing: &Path, home: &Path, directory: &Path) -> PathBuf {
    let wanted = if home == Path::new("/") { directory } else { home };
    let below = wanted.ancestors().take_while(|path| *path != existing).last();
    below.unwrap_or(wanted).to_owned()
}

fn try_file(file: &Path, found: &mut Unusable) {
    if let Err(error) = rustix::fs::access(file, Access::READ_OK | Access::WRITE_OK) {
        found.add_error(file.to_owned(), error.into());
    }
}

/// Returns the plain files in a directory, in order; a directory that cannot be read was told already.
fn files(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let is_file = |path: &PathBuf| path.symlink_metadata().is_ok_and(|facts| facts.is_file() && facts.nlink() > 0);
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(is_file).collect();
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sources;

    fn config(home: &Path) -> Config {
        let path = ("test", "ANYLOG_PATH", home.display().to_string());
        Config::load(&Sources { options: vec![path], ..Sources::default() }).unwrap()
    }

    #[test]
    fn what_stands_in_the_way_is_named_all_together() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join("EdgeLake").join(name);
        fs::create_dir_all(at("blockchain/blockchain.json")).unwrap();
        fs::write(at("data"), "").unwrap();
        let config = config(home.path());
        let text = prepare(&config).unwrap_err().to_string();
        let (data, copy) = (at("data").display().to_string(), at("blockchain/blockchain.json").display().to_string());
        assert!(text.contains(&format!("{data}: a file is where a directory belongs")), "{text}");
        assert!(text.contains(&format!("{copy}: a directory is where a file belongs")), "{text}");
        assert!(text.ends_with(&format!("mv {copy} {copy}.old && mv {data} {data}.old")), "{text}");
        fs::remove_dir(at("blockchain/blockchain.json")).unwrap();
        fs::remove_file(at("data")).unwrap();
        prepare(&config).unwrap();
        assert!(at("data/dbms").is_dir() && at("anylog").is_dir());
    }

    #[test]
    fn the_first_directory_that_is_missing_is_the_one_to_make() {
        let below = |existing: &str, home: &str, directory: &str| {
            directory_below(Path::new(existing), Path::new(home), Path::new(directory))
        };
        assert_eq!(below("/", "/srv/node", "/srv/node/EdgeLake/data"), Path::new("/srv"));
        assert_eq!(below("/srv", "/srv/node", "/srv/node/EdgeLake/data"), Path::new("/srv/node"));
        assert_eq!(below("/", "/", "/EdgeLake/data"), Path::new("/EdgeLake"));
    }
}
