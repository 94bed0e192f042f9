//! The directory under which everything is written.

use crate::boot::Failure;
use std::{fs, path::Path};

/// Makes the directory and sees that files can be written there.
///
/// # Errors
/// The directory, the reason and the command that gives it to this user.
pub fn prepare(home: &Path) -> Result<(), Failure> {
    let probe = home.join(".anylog-master");
    let tried = fs::create_dir_all(home).and_then(|()| fs::write(&probe, b"")).and_then(|()| fs::remove_file(&probe));
    tried.map_err(|error| {
        let user = format!("{}:{}", rustix::process::getuid().as_raw(), rustix::process::getgid().as_raw());
        Failure::Home { path: home.to_owned(), error, user }
    })
}
