//! The REST interface from outside, over real sockets on loopback.

pub mod client;
mod deviations;
mod limits;
mod node;
mod parallel;
mod replay;
mod rights;
mod tls;
mod transport;
