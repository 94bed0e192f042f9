//! Talks with other nodes: messages, connections, server, client, deliveries (reference/tcp-protocol).

mod answer;
mod client;
mod complaints;
mod confirmations;
mod connection;
mod connection_limiter;
mod delivery;
mod delivery_queues;
mod destination;
mod error;
mod foreign;
mod handler;
mod pace;
mod pending_jobs;
mod pending_pulls;
mod programs;
mod push;
mod push_plan;
mod receipts;
mod request;
mod resolve;
mod return_address;
mod rows;
mod server;
mod service;
mod settings;
mod shared;
mod told_nodes;
mod wire;

pub use error::Error;
pub use service::PeerService;
pub use settings::PeerSettings;
