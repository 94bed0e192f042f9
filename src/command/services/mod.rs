//! Services of the node that are started and stopped: servers, synchronisation, schedulers.

mod exit;
mod pools;
mod processes;
mod run_servers;
mod run_sync;
mod scheduler;
mod synchronizer;

pub use processes::process_list;

use crate::command::engine::Entry;

/// The commands of this family, file by file.
pub const ENTRIES: &[&[Entry]] = &[
    exit::ENTRIES,
    pools::ENTRIES,
    processes::ENTRIES,
    run_servers::ENTRIES,
    scheduler::ENTRIES,
    synchronizer::ENTRIES,
    run_sync::ENTRIES,
];
