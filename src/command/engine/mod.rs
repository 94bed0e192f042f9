//! How a text becomes a command: the entry that it names, its options, the caller's rights, and the run.

mod entry;
mod known_commands;
mod line;
pub mod options;
mod parse;
mod rights;
mod run;
mod select;
mod similar;

pub use entry::{Command, Entry, EntryGroup, Exchange, Help, Network, Parse, Parsed, Traits, Verbs, parsed};
pub use known_commands::KnownCommands;
pub use line::Line;
pub use parse::parse;
pub use select::{Catalog, FirstWord, Selection};
