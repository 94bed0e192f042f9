//! The only task that changes the ledger. It takes every change that waits, validates them in order, commits them as one
//! transaction, publishes the new view, and only then answers.
//!
//! [`run`] is its loop and [`transaction`] the way of a change. [`plan`] validates: what is refused, is refused there.
//! [`table`] reads the database, [`outage`] does what is left to do while the database takes no changes, [`sync`] brings the
//! local copy in step with its source.

mod blast_radius;
pub mod blocking;
mod copy_state;
mod files;
mod health;
mod held;
pub mod job;
mod load;
mod outage;
mod pending;
pub mod plan;
mod restore;
mod run;
mod size;
mod start_from;
mod storage;
mod sync;
pub mod sync_report;
mod table;
mod transaction;
pub mod writer;
