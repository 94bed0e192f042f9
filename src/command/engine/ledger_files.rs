//! Which files commands on the ledger as a whole may name.

use crate::{
    command::engine::Line,
    node::{Node, Session, work_directories},
    reply::{Code, Error},
    script::{Word, resolve},
};
use std::path::{Path, PathBuf};

/// Variables of the directories that callers over the network may name files in, where they are at the start.
const DIRECTORIES: [&str; 3] = ["blockchain_dir", "tmp_dir", "test_dir"];

/// Returns the path of the local copy.
///
/// # Errors
/// Code 58 when nobody said where it is.
pub fn local_copy(node: &Node) -> Result<PathBuf, Error> {
    node.dictionary
        .get("blockchain_file")
        .map(PathBuf::from)
        .ok_or_else(|| Error::with(Code::NO_LOCAL_FILE, "the variable 'blockchain_file' is not set"))
}

/// Returns the file that a command names, else the one beside the local copy with another extension. Callers over the
/// network may name files of the ledger's own directories only.
///
/// # Errors
/// Code 294 for another file of a caller over the network; as [`local_copy`].
pub fn named_or_beside(node: &Node, session: &Session, name: Option<&str>, extension: &str) -> Result<PathBuf, Error> {
    let is_from_network = session.origin.is_from_network();
    let path = match name {
        None => local_copy(node)?.with_extension(extension),
        Some(name) => PathBuf::from(name),
    };
    if is_from_network && !is_ours(node, &path) {
        let name = path.display();
        let detail =
            format!("'{name}' is outside of the ledger's directories; name a file in !blockchain_dir or !tmp_dir");
        return Err(Error::with(Code::FILE_NOT_AUTHORIZED, detail));
    }
    Ok(path)
}

fn is_ours(node: &Node, path: &Path) -> bool {
    let Some(folder) = path.parent().and_then(|folder| folder.canonicalize().ok()) else { return false };
    let allowed = DIRECTORIES.iter().filter_map(|name| work_directories::place(&node.dictionary, name));
    let link = path.symlink_metadata().is_ok_and(|file| file.file_type().is_symlink());
    !link && allowed.filter_map(|folder| folder.canonicalize().ok()).any(|own| own == folder)
}

/// Returns the name of a file; a variable without a value names none.
///
/// # Errors
/// The given code for such a variable.
pub fn file_name(word: &Word, line: &Line<'_>, missing: Code) -> Result<String, Error> {
    match resolve(word, line.scope).into_text() {
        name if name.is_empty() => {
            Err(Error::with(missing, format!("'{}' has no value: a file is expected", word.text)))
        }
        name => Ok(name),
    }
}
