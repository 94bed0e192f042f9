//! Files that are not what an env file is: a directory, somebody else's, a link that became a text.

use crate::config::mistake::Mistake;
use std::{
    fs::{self, File},
    io::{self, ErrorKind},
    os::unix::fs::MetadataExt,
    path::Path,
};

/// Longest text that may be the target of a link.
const LINK: usize = 200;

/// Describes an env file that cannot be read, with who may and what mends it.
pub fn refused(path: &Path, error: &io::Error) -> Mistake {
    let shown = path.display();
    let (reason, expected) = match error.kind() {
        ErrorKind::IsADirectory => (
            "it is a directory".to_owned(),
            format!(
                "Docker makes one where the file that a volume names is missing; on the host: remove it (rmdir {shown}), put \
                 the env file there, and make the container anew"
            ),
        ),
        ErrorKind::PermissionDenied => (whose(path), remedy(path)),
        _ => (
            format!("cannot be read: {error}"),
            "expected an env file with lines NAME=value; copy anylog_configs.env".to_owned(),
        ),
    };
    Mistake { place: shown.to_string(), written: String::new(), reason, expected }
}

/// Returns why a file that a variable names cannot be read, and what mends that.
pub fn unreadable(path: &Path, error: &io::Error, wanted: &str) -> (String, String) {
    match error.kind() {
        ErrorKind::IsADirectory => (
            "it is a directory".to_owned(),
            format!("expected {wanted}; Docker makes a directory where the file that a volume names is missing"),
        ),
        ErrorKind::PermissionDenied => (whose(path), remedy(path)),
        _ => (format!("cannot be read: {error}"), format!("expected {wanted}")),
    }
}

/// Reads a file that a variable names; a directory is none.
pub fn open(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() { Err(ErrorKind::IsADirectory.into()) } else { Ok(file) }
}

/// Says who wants to read a file, and whose it is.
fn whose(path: &Path) -> String {
    let user = rustix::process::geteuid().as_raw();
    match fs::metadata(path) {
        Ok(file) => format!(
            "this program runs as user {user} and may not read it: it belongs to user {} and group {} and has mode {:04o}",
            file.uid(),
            file.gid(),
            file.mode() & 0o7777
        ),
        Err(_) => format!("this program runs as user {user} and may not look into the directory"),
    }
}

/// Says what makes a file readable without showing it to everybody.
fn remedy(path: &Path) -> String {
    let user = rustix::process::geteuid().as_raw();
    let shown = path.display();
    format!("on the host: chown {user} {shown}, which keeps it closed to others, or chmod 644 {shown}")
}

/// Tells why bytes are no env file at all.
pub fn no_env_file(path: &Path, bytes: &[u8]) -> Option<Mistake> {
    let mistake = |reason: String, expected: &str| {
        let (place, expected) = (path.display().to_string(), expected.to_owned());
        Some(Mistake { place, written: String::new(), reason, expected })
    };
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return mistake("it is UTF-16, as some editors of Windows write".to_owned(), "save it as UTF-8");
    }
    if bytes.contains(&0) {
        return mistake("it is no text".to_owned(), "expected an env file with lines NAME=value");
    }
    let target = link_text(bytes)?;
    mistake(
        "it is a symbolic link that became a text file, as checkouts of Windows and archives make them".to_owned(),
        &format!("put a copy of {target} in its place, or name that file with --env-file"),
    )
}

/// Returns the target of a link, where that is all that a file holds.
pub fn link_text(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?.trim();
    let is_path = text.len() <= LINK && !text.contains(['=', '\n', ' ', '#']) && text.contains(".env");
    is_path.then_some(text)
}
