//! The node's prompt `AL name +>`: its console, piped input, the line editor of a terminal, and the
//! client of a running node (reference/command-language 15).

mod client;
mod colour;
mod console;
mod console_log;
mod console_writer;
mod frame;
mod gathered;
mod idle;
mod input;
mod keys;
mod line_buffer;
mod local_shell;
mod pager;
mod pasted_branch;
mod presence;
mod process_prompt;
mod prompt_loop;
mod remote_prompt;
mod screen;
mod tab;
mod terminal;
mod typed_command;
mod watch;
mod welcome;

pub use client::{Client, ClientError, ClientTarget};
pub use console::Console;
pub use console_writer::{Printer, Sink};
pub use line_buffer::commands_of;
pub use local_shell::LocalShell;
pub use presence::{give_back, prepare};
pub use process_prompt::{InputEnd, Prompt};
pub use remote_prompt::RemotePrompt;
