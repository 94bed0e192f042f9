//! People at the node: its own terminal, piped input, `prompt --connect` and `exec`, each against the built program.

mod editor;
mod hung_node;
mod log;
mod piped;
mod remote;
mod terminal;
