//! The REST interface from outside, over real sockets on loopback.

mod batches;
pub mod client;
mod deviations;
mod grafana;
mod health;
mod limits;
pub mod node;
mod pages;
mod parallel;
pub mod replay;
mod rights;
mod tls;
mod transport;
