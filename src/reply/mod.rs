//! What a command answers: data that every edge renders in its own way, or an error with its code.

mod code;
mod error;
#[expect(clippy::module_inception, reason = "the file is named after its one public noun")]
mod reply;
mod rows;

pub use code::Code;
pub use error::{Error, ErrorKind};
pub use reply::{Control, LedgerCopy, OnError, Reply, Table};
pub use rows::{RowLayout, Rows};
