//! The ledger in a SQLite file.

pub mod connection;
mod history_lines;
mod history_reader;
mod load;
mod lock;
mod migrate;
pub mod other_ledger;
mod outbox;
mod restore;
pub mod result_code;
pub mod rows;
mod snapshot;
mod statements;
pub mod steps;
pub mod store;
mod write;

pub use lock::FileLock;
