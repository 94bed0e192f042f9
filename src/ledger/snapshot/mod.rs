//! The ledger as of one moment, with everything that a backup keeps, and what it takes to make a ledger of it again.

pub mod current;
mod handle;
pub mod plan;
pub mod restore;
pub mod row;
pub mod text;
