//! The outbox of a relay: the changes that still have to reach a contract platform, in tables of our own beside the ledger.
//!
//! A row is written in the transaction of its change, so that a crash neither loses nor repeats one. What becomes of it
//! afterwards belongs to the sender of the relay.

pub mod handle;
pub mod row;
pub mod rule;
