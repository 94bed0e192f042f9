//! What is said of a table of the kernel that cannot be read.

use crate::reply::{Code, Error};
use procfs::ProcError;

/// Describes one of the kernel's tables that cannot be read.
pub(super) fn unreadable(error: ProcError) -> Error {
    Error::with(Code::PROCESS_FAILURE, format!("the kernel does not tell: {error}"))
}
