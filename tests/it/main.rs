//! The program from outside: its configuration, its boot, its signals, its death and its return.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that meets the unexpected fails"
)]

#[path = "../support/mod.rs"]
mod support;

mod addresses;
mod api;
mod apply;
mod architecture;
mod backup;
mod balancer;
mod boot;
mod boot_values;
mod chain;
mod citations;
mod command_table;
mod commands;
mod configuration;
mod console;
mod crash;
mod deployment;
mod documents;
mod doors;
mod env_file_variables;
mod env_files;
mod errors;
mod faults;
mod field;
mod follower;
mod idle;
mod import;
mod ipv6;
mod joining;
mod ledger;
mod ledger_exports;
mod ledger_vectors;
mod migrate;
mod monitoring;
mod new_command;
mod peer;
mod program;
mod prompt;
mod query;
mod relay;
mod rest;
mod seeds_page;
mod signals;
mod starts;
mod tools;
#[cfg(feature = "otlp")]
mod traces;
mod volumes;
mod watched;
