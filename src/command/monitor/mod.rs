//! What the node tells about itself: identity, boot, logs, figures, switches.

mod boot;
mod config_policies;
mod configuration;
mod identity;
mod log_level;
mod log_lines;
mod logs;
mod members;
mod metrics;
mod monitored;
mod rights;
mod switches;

pub use boot::boot_steps;
pub use configuration::configuration;
pub use log_lines::GET_LOG;
pub use members::member_book;
pub use metrics::{FigureUnit, KeyFigure, figures, key_figures};

use crate::command::engine::Entry;

/// The commands of this family, file by file.
pub const ENTRIES: &[&[Entry]] = &[
    boot::ENTRIES,
    config_policies::ENTRIES,
    configuration::ENTRIES,
    identity::ENTRIES,
    log_level::ENTRIES,
    log_lines::ENTRIES,
    logs::ENTRIES,
    switches::ENTRIES,
    members::ENTRIES,
    metrics::ENTRIES,
    metrics::KEY_FIGURES,
    monitored::ENTRIES,
    rights::ENTRIES,
];
