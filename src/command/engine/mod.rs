//! How a text becomes a command: the entry that it names, its options, the caller's rights, and the run.

pub mod access;
mod built;
mod entry;
mod json_form;
mod known_commands;
pub mod ledger_files;
pub mod options;
mod parse;
pub mod policies;
mod prompt_act;
mod rights;
mod run;
mod secret_list;
mod select;
mod similar;

pub use access::Access;
pub use built::{Built, may_run, typed};
pub use entry::{
    Behind, Command, Entry, EntryGroup, Exchange, Help, Line, NetworkCallers, Parse, Parsed, Traits, Verbs, parsed,
};
pub use known_commands::KnownCommands;
pub use parse::parse;
pub use prompt_act::PromptAct;
pub use secret_list::{SecretList, shown_word};
pub use select::{Catalog, FirstWord, Selection};
