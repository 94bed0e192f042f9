//! The REST interface from outside, over real sockets on loopback.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that meets the unexpected fails"
)]

mod client;
mod deviations;
mod limits;
mod node;
mod parallel;
mod replay;
mod rights;
mod tls;
mod transport;
