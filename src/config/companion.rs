//! The file `.env` beside the env file: what compose takes its values from, while the node reads the env file.

use crate::config::file_access::link_text;
use std::{fs, path::Path};

/// What `.env` is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Companion {
    /// Not there, a link to the env file, or the env file itself.
    #[default]
    Same,
    /// A link that became a text file: compose finds no values in it and takes its defaults.
    LinkText(String),
    /// A file of its own.
    Other(String),
}

impl Companion {
    /// Looks at the file beside an env file.
    pub fn of(path: &Path) -> Self {
        let beside = path.with_file_name(".env");
        let same = || Some(fs::canonicalize(path).ok()? == fs::canonicalize(&beside).ok()?);
        let (Some(false), Ok(bytes)) = (same(), fs::read(&beside)) else { return Self::Same };
        match link_text(&bytes) {
            Some(target) => Self::LinkText(target.to_owned()),
            None => Self::Other(String::from_utf8_lossy(&bytes).into_owned()),
        }
    }
}
