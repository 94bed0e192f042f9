//! The ledger in a SQLite file.

mod history_lines;
mod load;
mod lock;
pub mod other_ledger;
mod outbox;
mod restore;
pub mod result_code;
mod rows;
mod snapshot;
mod statements;
pub mod steps;
pub mod store;

pub use lock::FileLock;
