//! Commands: the only code that reads or changes the node.
//!
//! [`select`] finds the entry of the [catalog](CATALOG) that a text names; every edge reads it and runs the same
//! [`Selection`]. A family of commands is a folder; families reach each other only through the node.

mod at_prompt;
mod catalog;
mod completion;
mod database;
mod engine;
mod help;
mod host;
mod language;
pub mod ledger;
mod monitor;
pub mod network;
mod not_here;
mod platform;
mod services;

pub use catalog::{CATALOG, FAMILIES, FIRST_WORDS};
pub use engine::access;
pub use engine::{
    Access, Behind, Built, Catalog, Command, Entry, Exchange, Help, KnownCommands, Line, NetworkCallers, Parsed,
    PromptAct, Selection, Traits, Verbs, may_run, parsed,
};

pub use completion::{Candidate, CandidateKind, Completion};
pub use ledger::apply::{APPLY, PLAN};
pub use ledger::backup::{
    BACKUP_LEDGER, PRESENCE, backup_into, backup_to, compared, restore_from, restored, verify_with,
};
pub use ledger::export::EXPORT;
pub use ledger::import::{IMPORT_DISCARD, IMPORT_FINISH, IMPORT_STAGE};
pub use monitor::{FigureUnit, GET_LOG, KeyFigure, boot_steps, configuration, figures, key_figures, member_book};
pub use platform::relay_state;
pub use services::process_list;

pub use network::{JOIN_TEST, run_client::RemoteNodes};

use crate::script::Scope;
use crate::{
    node::{Node, Session},
    reply::{Error, Reply},
};
use std::sync::Arc;

/// Finds what a text names.
#[must_use]
pub fn select(text: &str) -> Selection<'_> {
    CATALOG.select(text)
}

/// Runs the text of one command for a caller and returns its reply.
///
/// # Errors
/// The code and the reason, when the text is no command or the command fails.
pub async fn run(node: &Arc<Node>, session: &mut Session, text: &str) -> Result<Reply, Error> {
    select(text).run(node, session).await
}

/// Returns what may stand at a place of a line that a caller types; `at` is the cursor's offset in bytes.
#[must_use]
pub fn complete(line: &str, at: usize, node: &Node, session: &Session) -> Completion {
    completion::complete(&CATALOG, line, at, node, session)
}

/// Returns the words of commands and their options that may stand at the end of a line, where no node can be asked.
#[must_use]
pub fn complete_names(line: &str) -> Completion {
    completion::complete_names(&CATALOG, line)
}

/// Reads the text of one command without running it; nothing when it is a value, a reference or an empty line.
///
/// # Errors
/// When the text cannot be cut into words, names no command, or the command's words are wrong.
pub fn parse(text: &str, scope: &dyn Scope) -> Result<Option<Box<dyn Command>>, Error> {
    engine::parse(&CATALOG, text, scope)
}
