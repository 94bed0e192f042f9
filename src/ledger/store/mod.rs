//! The databases: one trait for what the ledger needs of them, PostgreSQL and SQLite behind it, and the connections that
//! commands open by name.

pub mod batch;
pub mod change_set;
pub mod database;
pub mod database_error;
pub mod databases;
pub mod engine;
pub mod error;
pub mod history_lines;
pub mod outage;
pub mod outbox_store;
pub mod postgres;
pub mod row;
pub mod schema_fault;
pub mod snapshot_store;
pub mod sql;
pub mod sqlite;
pub mod statement_error;
pub mod steps;
pub mod store;
