//! Other nodes: messages, addresses, tests, what the ledger says about them.

mod announce;
mod event;
mod file_get;
mod internal_ip;
mod jobs;
mod network_data;
pub mod remote;
pub mod run_client;
mod servers;
mod test_network;
mod test_node;
mod unused_port;

use crate::command::engine::Entry;

/// The commands of this family, file by file.
pub const ENTRIES: &[&[Entry]] = &[
    announce::ENTRIES,
    event::ENTRIES,
    file_get::ENTRIES,
    internal_ip::ENTRIES,
    jobs::ENTRIES,
    network_data::ENTRIES,
    servers::ENTRIES,
    run_client::ENTRIES,
    test_network::ENTRIES,
    test_node::ENTRIES,
    unused_port::ENTRIES,
];
