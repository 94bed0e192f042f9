//! Policies as documents, for programs that ask and change with typed values instead of the words of the language: lists in
//! pages, one policy, its history, and changes that hang together. Each has the rights of the command that does the same.

mod apply;
mod change;
mod export;
mod filter;
mod list;
mod list_place;
mod point;
mod record;
mod relations;
mod shortened;
mod summary;
mod validation;

pub use crate::command::ledger::as_of::PastPlace;
pub use apply::{APPLY, PLAN, carry_out, plan};
pub use change::{ADD, DROP, REPLACE, Seen, add, history, last_changes, remove, replace, try_remove};
pub use export::{EXPORT, ExportForm, ExportedPolicies, export};
pub use filter::{PathCondition, PolicyFilter};
pub use list::{LIST, PageRequest, PageStart, PolicyPage, list, one, summaries};
pub use list_place::ListPlace;
pub use point::PointInTime;
pub use record::PolicyRecord;
pub use relations::{Chain, Reference, Related, RelatedGroup, RelationReach, Relations, chains, relations};
pub use summary::{PolicySummary, TypeCount, types};
pub use validation::{Validation, validation};
