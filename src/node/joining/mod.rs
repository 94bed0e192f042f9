//! Why a member does not join: what this node recognises of it by itself, and the checks that look for it when somebody asks.

mod address;
mod checks;
mod clocks;
mod configured;
mod database;
mod ledger_address;
mod nodes;
mod note;
mod published;
mod state;
mod trouble;
mod troubles;

pub use address::{concern, unreached};
pub use configured::{configured_checks, disk_check, name_checks};
pub use state::Joining;
pub use trouble::JoinTrouble;
pub use troubles::{JoinTroubles, NotedTrouble};
