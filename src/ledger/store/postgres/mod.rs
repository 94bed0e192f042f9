//! The ledger in PostgreSQL, shared by several masters.
//!
//! Every write names the version that it was validated against and is one statement, so it costs one round trip and one
//! commit. Its first line of history has the number after that version, and only one write can add that line: when another
//! master was faster, nothing is written, and the caller learns what that master wrote before it validates again.

mod listener;
mod notifier;
mod rows;
pub mod server;
pub mod sql_state;
mod statements;
pub mod store;
mod write_connection;
