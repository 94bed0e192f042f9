//! Talks with other nodes: blocks, messages, server, client, deliveries (reference/tcp-protocol).

mod answer;
mod client;
mod connection;
mod door;
mod error;
mod exchange;
mod jobs;
mod network;
mod pulls;
mod queues;
mod request;
mod resolve;
mod rows;
mod server;
mod settings;
mod wire;

pub use error::Error;
pub use network::Network;
pub use settings::Settings;
