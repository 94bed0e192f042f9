//! A Master Node for AnyLog / EdgeLake networks.
//!
//! `ARCHITECTURE.md` is the map of the rooms below and of the one road that every command takes.

// A dependency that the code does not use fails the lints.
#![cfg_attr(not(test), warn(unused_crate_dependencies))]
#![cfg_attr(not(test), warn(clippy::disallowed_methods, clippy::disallowed_macros))]

pub mod api;
pub mod backup;
pub mod boot;
pub mod chain;
pub mod cli;
pub mod command;
pub mod config;
pub mod console;
pub mod ledger;
pub mod node;
pub mod peer;
pub mod prompt;
pub mod render;
pub mod reply;
pub mod rest;
pub mod runtime;
pub mod scheduler;
pub mod sync;
pub mod telemetry;

pub use anylog_policy as policy;
pub use anylog_query as query;
pub use anylog_script as script;
pub use anylog_values as values;

use mimalloc as _; // the allocator that main.rs sets
