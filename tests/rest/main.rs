//! The REST interface from outside, over real sockets on loopback.

mod client;
mod limits;
mod node;
mod rights;
mod tls;
mod transport;
