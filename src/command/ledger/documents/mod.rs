//! Policies as documents, for programs that ask and change with typed values instead of the words of the language: lists in
//! pages, one policy, its history, and changes that hang together. Each has the rights of the command that does the same.

mod change;
mod filter;
mod list;
mod point;
mod record;

pub use change::{ADD, DROP, REPLACE, Seen, add, history, last_changes, remove, replace};
pub use filter::{PathCondition, PolicyFilter};
pub use list::{LIST, PageRequest, PageStart, PolicyPage, list, one};
pub use point::PointInTime;
pub use record::PolicyRecord;
