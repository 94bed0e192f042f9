//! The ledger in a SQLite file.

mod lock;
pub mod other_ledger;
mod outbox;
pub mod result_code;
mod rows;
mod statements;
pub mod steps;
pub mod store;

pub use lock::FileLock;
