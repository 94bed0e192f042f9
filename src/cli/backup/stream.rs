//! The sign for the standard input and output in place of a file.

use std::path::Path;

/// Stands for the standard input and output.
const STREAM: &str = "-";

/// Tells whether a path is that sign.
pub fn is_stream(path: &Path) -> bool {
    path.as_os_str() == STREAM
}
