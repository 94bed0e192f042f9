//! Backups of the ledger: files that hold everything of one moment, what is compared with them, and the files that the node
//! writes by itself.
//!
//! A file is JSON lines: a manifest, the rows of the tables, and a seal with their numbers and a SHA-256 ([`format`]). Whoever
//! restores reads all of it before anything is written; the ledger's writer then does it in one transaction.

mod compare;
mod error;
mod file_names;
pub mod format;
mod packed_file;
mod read;
mod schedule;
mod service;
mod write;

pub use compare::{compare_backup, compare_copy};
pub use error::BackupError;
pub use file_names::{BackupFiles, EXCHANGE};
pub use read::{check, read_order, read_stream};
pub use schedule::next_due;
pub use service::BackupService;
pub use write::{Progress, check_target, sync_name, write_file, write_stream};
