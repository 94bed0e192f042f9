//! Databases and their tables.

mod connect_dbms;
mod connected;
mod create_table;
mod databases;
mod info_table;
mod sql;
mod table_columns;
mod tables;
mod test_table;

use crate::command::engine::Entry;

/// The commands of this family, file by file.
pub const ENTRIES: &[&[Entry]] = &[
    connect_dbms::ENTRIES,
    databases::ENTRIES,
    create_table::ENTRIES,
    info_table::ENTRIES,
    tables::ENTRIES,
    table_columns::ENTRIES,
    test_table::ENTRIES,
    sql::ENTRIES,
];
