//! Which files the commands on backups may name.

use crate::{
    command::engine::ledger_files,
    node::{Node, Session, backup_directory, is_backup_name},
    reply::{Code, Error},
};
use std::path::{Path, PathBuf};

/// Returns the file for a new backup: a name alone stands in the directory for backups.
///
/// # Errors
/// Code 175 for a name that is none of a backup, so that a backup overwrites nothing else; as [`named`].
pub fn to_write(node: &Node, session: &Session, name: &str) -> Result<PathBuf, Error> {
    if !is_backup_name(Path::new(name)) {
        let detail = format!("'{name}': the name of a backup ends with .jsonl, or with .jsonl.gz to pack it");
        return Err(Error::with(Code::WRONG_VALUE, detail));
    }
    named(node, session, name)
}

/// Returns the file that a command names: a name alone stands in the directory for backups.
///
/// # Errors
/// Code 294 for a caller over the network and a file outside of that directory and the ledger's own ones.
pub fn named(node: &Node, session: &Session, name: &str) -> Result<PathBuf, Error> {
    let directory = backup_directory(&node.config);
    let path = Path::new(name);
    let is_name = path.file_name().is_some_and(|file| file == path.as_os_str());
    if !is_name {
        let own = path.parent().and_then(|parent| parent.canonicalize().ok());
        let link = path.symlink_metadata().is_ok_and(|file| file.file_type().is_symlink());
        let is_backup = !link && own.is_some() && own == directory.canonicalize().ok();
        return if is_backup {
            Ok(path.to_owned())
        } else {
            ledger_files::named_or_beside(node, session, Some(name), "")
        };
    }
    let path = directory.join(name);
    if session.origin.is_from_network() && path.symlink_metadata().is_ok_and(|file| file.file_type().is_symlink()) {
        return Err(Error::with(Code::FILE_NOT_AUTHORIZED, format!("'{name}' is a link: name the file itself")));
    }
    Ok(path)
}
