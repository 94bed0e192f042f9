//! The directory under which everything is written.

use crate::boot::Failure;
use std::{fs, io, path::Path};

/// Makes the directory and sees that files can be written there.
///
/// # Errors
/// The directory, the reason and the command that gives it to this user.
pub fn prepare(home: &Path) -> Result<(), Failure> {
    let probe = home.join(".anylog-master");
    let tried = fs::create_dir_all(home).and_then(|()| fs::write(&probe, b"")).and_then(|()| fs::remove_file(&probe));
    tried.map_err(|error| refused(home, error))
}

/// Says what keeps a directory from being used, and what gives it to this user.
pub fn refused(path: &Path, error: io::Error) -> Failure {
    let user = format!("{}:{}", rustix::process::getuid().as_raw(), rustix::process::getgid().as_raw());
    Failure::Home { path: path.to_owned(), error, user }
}
