//! The machine that the node runs on: figures, files, programs, web servers.

mod directories;
mod facts;
mod rest_get;
mod system;

use crate::command::engine::Entry;

/// The commands of this family, file by file.
pub const ENTRIES: &[&[Entry]] = &[system::ENTRIES, rest_get::ENTRIES, directories::ENTRIES, facts::ENTRIES];
