//! JSON text of policies: the stored one-line form (reference/ledger 1.3) and its reading (1.4).

mod part;
mod read;
mod run;
mod write;

pub use part::policy_part;
pub use read::{parse, parse_lenient};
pub use write::{policy_text, text};

/// Levels of objects and lists inside each other that are read.
pub const MAX_DEPTH: usize = 128;
