//! The node's prompt `AL name +>`: its console, piped input, the line editor of a terminal, and the
//! client of a running node (reference/command-language 15).

mod attached;
mod blocks;
mod client;
mod colour;
mod console;
mod driver;
mod input;
mod paste;
mod process_prompt;
mod route;
mod terminal;
mod vocabulary;

pub use attached::Attached;
pub use client::{Client, ClientError, Target};
pub use console::{Console, Printer, Sink};
pub use driver::Driver;
pub use process_prompt::{InputEnd, Prompt};
