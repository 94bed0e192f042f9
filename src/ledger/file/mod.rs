//! The files of the ledger: the local copy with what it consists of, and the export that members pull.

pub mod disk;
pub mod export;
pub mod export_cache;
pub mod ledger_bytes;
pub mod lines;
pub mod local_copy;
pub mod local_file;
pub mod packed;
