//! A master and members that are written from the protocol alone: sessions, deliveries, abuse, questions to others.

mod abuse;
mod book;
mod client;
pub mod master;
pub mod member;
mod monitored;
mod packed;
mod policies;
mod push;
mod rights;
mod rounds;
mod sessions;
