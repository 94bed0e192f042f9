//! The node's prompt `AL name +>`: its console, piped input, the line editor of a terminal, and the
//! client of a running node (reference/command-language 15).

mod client;
mod colour;
mod console;
mod console_log;
mod idle;
mod input;
mod line_buffer;
mod local_shell;
mod pages;
mod pasted_branch;
mod presence;
mod process_prompt;
mod prompt_loop;
mod remote_prompt;
mod terminal;
mod typed_command;
mod vocabulary;
mod welcome;

pub use client::{Client, ClientError, ClientTarget};
pub use console::{Console, Printer, Sink};
pub use line_buffer::commands_of;
pub use local_shell::LocalShell;
pub use presence::{give_back, prepare};
pub use process_prompt::{InputEnd, Prompt};
pub use remote_prompt::RemotePrompt;
