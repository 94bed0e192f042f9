//! Other nodes: messages, addresses, tests, what the ledger says about them.

mod announced_address;
mod data;
mod event;
mod file_get;
mod internal_ip;
mod jobs;
mod known_nodes;
mod remote;
pub mod run_client;
mod test_join;
mod test_network;
mod test_node;
mod unused_port;
pub mod whole_network;

pub use test_join::WORDS as JOIN_TEST;

use crate::command::engine::Entry;

/// The commands of this family, file by file.
pub const ENTRIES: &[&[Entry]] = &[
    announced_address::ENTRIES,
    event::ENTRIES,
    file_get::ENTRIES,
    internal_ip::ENTRIES,
    jobs::ENTRIES,
    data::ENTRIES,
    run_client::ENTRIES,
    test_join::ENTRIES,
    test_network::ENTRIES,
    test_node::ENTRIES,
    unused_port::ENTRIES,
];
