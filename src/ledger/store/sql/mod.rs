//! Reads the tables of the ledger with statements that somebody wrote (`sql`): what a statement may be (`statement`,
//! `expression`, `offered`), and how each database reads it without giving more than that.

mod expression;
mod offered;
mod postgres;
pub mod reader;
mod row;
mod sqlite;
pub mod statement;

pub use postgres::PostgresReads;
pub use row::{ReadLimits, RowObject};
pub use sqlite::SqliteReads;
