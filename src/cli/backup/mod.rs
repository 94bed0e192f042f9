//! `backup`, `restore`, `verify`: asked of the node that runs, or done on the database where none does.

mod open_ledger;
mod progress;
mod restore;
mod save;
mod shared_file;
mod verify;
mod worker;

pub use restore::restore;
pub use save::save;
pub use verify::verify;

use std::path::Path;

/// Stands for the standard input and output.
const STREAM: &str = "-";

fn is_stream(path: &Path) -> bool {
    path.as_os_str() == STREAM
}
