//! Keeps the local copy of the ledger in step with its source (reference/ledger 8).

mod contract;
mod counters;
mod round;
mod service;

pub use service::SyncService;
