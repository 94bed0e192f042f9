//! What several tests need: servers, ports, and doubles of what a node talks to.

pub mod anvil;
pub mod chain;
pub mod keystore;
pub mod pgbouncer;
pub mod postgres;
pub mod provider;
pub mod silent;
mod skipped;
pub mod tls_provider;

pub use postgres::port;
pub use skipped::skipped;
