//! A master and members that are written from the protocol alone: sessions, deliveries, abuse, questions to others.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that meets the unexpected fails"
)]

mod abuse;
mod client;
mod master;
mod member;
mod policies;
mod rights;
mod sessions;
