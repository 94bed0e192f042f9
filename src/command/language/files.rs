//! Which files a caller may read by name.

use crate::{
    node::{Node, Session},
    reply::{Code, Error},
};
use std::path::Path;

/// Refuses a file that a caller over the network may not read: only those below the node's home are offered.
pub(super) fn may_read(node: &Node, session: &Session, file: &str) -> Result<(), Error> {
    if !session.origin.is_from_network() {
        return Ok(());
    }
    match (node.dictionary.home().canonicalize(), Path::new(file).canonicalize()) {
        (Ok(home), Ok(path)) if path.starts_with(&home) => Ok(()),
        _ => {
            let detail = format!("'{file}' is not below the home of this node: run it at the node's prompt");
            Err(Error::with(Code::FILE_NOT_AUTHORIZED, detail))
        }
    }
}
