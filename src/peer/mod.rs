//! Talks with other nodes: blocks, messages, server, client, deliveries (spec/tcp-protocol).

mod answer;
pub mod block;
mod client;
mod connection;
mod door;
mod error;
mod exchange;
pub mod header;
mod jobs;
pub mod message;
mod network;
pub mod outgoing;
mod pulls;
mod queues;
mod request;
mod resolve;
pub mod rows;
mod server;
mod settings;

pub use error::Error;
pub use network::Network;
pub use settings::Settings;
