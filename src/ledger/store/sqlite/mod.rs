//! The ledger in a SQLite file.

mod lock;
pub mod look;
pub mod result_code;
mod rows;
mod statements;
pub mod store;

pub use lock::FileLock;
