//! Databases and their tables.

mod columns;
mod connect_dbms;
mod sql;
mod tables;

use crate::command::engine::Entry;

/// The commands of this family, file by file.
pub const ENTRIES: &[&[Entry]] = &[connect_dbms::ENTRIES, columns::ENTRIES, sql::ENTRIES, tables::ENTRIES];
