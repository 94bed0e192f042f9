//! The ledger in PostgreSQL, shared by several masters.
//!
//! Every write names the version that it was validated against and is one statement, so it costs one round trip and one
//! commit. Its first line of history has the number after that version, and only one write can add that line: when another
//! master was faster, nothing is written, and the caller learns what that master wrote before it validates again.
//!
//! The database may move: every connection looks anew where its servers are and which of them takes changes
//! ([`connector`]), and all connections leave together a server that is gone or does not any more ([`connections`]).

pub mod connections;
pub mod connector;
mod failure;
mod first;
mod history_lines;
mod last_write;
mod listener;
mod notifier;
pub mod other_ledger;
mod outbox;
mod pooler;
mod race;
mod refusal;
mod restore;
mod rows;
pub mod server;
pub mod session;
mod snapshot;
pub mod sql_state;
mod statements;
pub mod steps;
pub mod store;
mod tables;
mod texts;
pub mod tls;
mod write_connection;
