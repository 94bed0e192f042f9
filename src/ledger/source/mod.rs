//! Ledgers of other nodes, read as they are and never changed: a SQLite file, a PostgreSQL database, the lines of a local copy.
//!
//! [`file`] tells by its content what a file is, and [`policies`] makes policies of what was found; what cannot be one is set
//! aside with its place.

pub mod error;
pub mod file;
pub mod policies;
pub mod raw_row;
