//! Commands of services that a master does not have: their known answers, and where they belong instead.

mod absent;
mod platforms;
mod unsupported;

use crate::command::engine::Entry;

/// The commands of this family, file by file.
pub const ENTRIES: &[&[Entry]] = &[absent::ENTRIES, platforms::ENTRIES, unsupported::ENTRIES];
