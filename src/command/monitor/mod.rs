//! What the node tells about itself: identity, boot, logs, figures, switches.

mod boot;
mod config_policies;
mod identity;
mod log_level;
mod logs;
mod members;
mod metrics;
mod monitored;
mod rights;
mod switches;

pub use boot::boot_steps;
pub use members::member_book;
pub use metrics::figures;

use crate::command::engine::Entry;

/// The commands of this family, file by file.
pub const ENTRIES: &[&[Entry]] = &[
    boot::ENTRIES,
    config_policies::ENTRIES,
    identity::ENTRIES,
    log_level::ENTRIES,
    logs::ENTRIES,
    switches::ENTRIES,
    members::ENTRIES,
    metrics::ENTRIES,
    monitored::ENTRIES,
    rights::ENTRIES,
];
