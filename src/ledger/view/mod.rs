//! The policies in memory: what everybody reads.
//!
//! [`view::View`] is one immutable version of the ledger with its indexes; [`entry::LedgerEntry`] is one policy of it.

pub mod builder;
pub mod content;
pub mod entry;
pub mod fields;
pub mod index;
pub mod order;
pub mod view;
