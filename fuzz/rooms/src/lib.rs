//! The pure rooms of the product, compiled alone: fuzzing them needs no runtime, no store and no sockets.

#[path = "../../../src/policy/mod.rs"]
pub mod policy;
#[path = "../../../src/query/mod.rs"]
pub mod query;
#[path = "../../../src/script/mod.rs"]
pub mod script;

#[path = "../../../src/runtime/limits.rs"]
pub mod limits;

/// The limits that the rooms above use.
pub mod runtime {
    pub use crate::limits;
}
