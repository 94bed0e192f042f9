//! The program from outside: its configuration, its boot, its signals, its death and its return.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that meets the unexpected fails"
)]

#[path = "../peer/member.rs"]
#[expect(dead_code, reason = "the member of the peer tests does more than is needed here")]
mod member;
#[path = "../support/postgres.rs"]
#[expect(dead_code, reason = "the server of the ledger tests does more than is needed here")]
mod postgres;

mod boot;
mod boot_values;
mod citations;
mod configuration;
mod crash;
mod deployment;
mod follower;
mod idle;
mod program;
mod signals;
mod tools;
