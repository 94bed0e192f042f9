//! The command language: words, references, `where` lists, conditions, control flow. Pure; no node needed.

// A dependency that the code does not use fails the lints.
#![cfg_attr(not(test), warn(unused_crate_dependencies))]
#![cfg_attr(not(test), warn(clippy::disallowed_methods, clippy::disallowed_macros))]

mod arguments;
mod bracket;
pub mod check;
mod condition;
mod control;
mod copied;
mod error;
mod expression;
mod fill;
mod flow;
mod form;
mod key;
mod moment;
mod object;
mod program;
mod pseudo;
mod resolve;
mod resolved;
mod scope;
mod where_list;
mod word;
mod words;

pub use arguments::Arguments;
pub use condition::{Condition, Verdict};
pub use control::{Control, OnError};
pub use copied::{copied, without_prompt};
pub use error::Error;
pub use expression::evaluate;
pub use fill::{fill, unfilled};
pub use flow::{After, Flow, FlowLimits, Next};
pub use form::{Form, concatenation, keeps_old_value, value};
pub use key::{Key, Kind};
pub use moment::moment;
pub use object::{Change, json_value, place_of, typed_value};
pub use program::{Action, Label, Problem, Program, Statement};
pub use resolve::resolve;
pub use resolved::Resolved;
pub use scope::{NoVariables, Scope};
pub use where_list::{pairs, where_list};
pub use word::{Word, WordKind, command_text, joined, rejoined};
pub use words::{first_command, pieces, words};

/// Deepest nesting of parentheses in a condition.
const MAX_DEPTH: usize = 64;

/// Commands that run commands inside each other: `if … then`, `do`, `else`, `task run`, the query of a destination, those of the
/// scripts around them included.
pub const COMMAND_DEPTH: usize = 16;
