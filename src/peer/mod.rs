//! Talks with other nodes: blocks, messages, server, client, deliveries (spec/tcp-protocol).

pub mod block;
mod error;
pub mod header;
pub mod message;
pub mod outgoing;

pub use error::Error;
