//! The `/v1` interface for programs: policies as documents, questions, commands, the state of the node and a stream of events,
//! with an OpenAPI document of all that and a page that shows it (docs/api.md).
//!
//! [`operations`] is the one table of what there is: requests are found in it, refused by it, and the document is made from it.
//! A handler builds a typed question or change, or selects the text that a caller gave as a value, and writes the typed answer
//! as JSON. Rights, names, memory and admission are those of `rest`, which hands the requests over.

mod answers;
mod call;
mod commands;
mod conditions;
mod content;
pub mod cursor;
mod documents;
mod endpoint;
mod entity_tags;
mod events;
#[cfg(fuzzing)]
pub mod fuzzed;
mod history;
mod idempotency;
mod json_body;
mod node_state;
mod openapi;
mod operations;
mod page;
mod parameters;
mod policies;
mod problem;
mod query_items;

pub use endpoint::Api;
pub use events::{EventHub, StreamEnd, StreamRequest, follow};
pub use problem::{Problem, ProblemKind};
