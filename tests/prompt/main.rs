//! People at the node: its own terminal, piped input, `prompt --connect` and `exec`, each against the built program.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that meets the unexpected fails"
)]

#[path = "../it/program.rs"]
#[expect(dead_code, reason = "the program of the other tests does more than is needed here")]
mod program;

mod editor;
mod piped;
mod remote;
mod terminal;
