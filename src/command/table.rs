//! The command table: words → parser, rights and help. One family per file adds its rows here.

use super::{Error, Line, Node, Reply, Role, Session};
use std::sync::Arc;

/// One command that the node has.
pub struct Entry {
    /// The words that select it, for example `get status`.
    pub words: &'static str,
    /// Least number of words of the whole line, the command's own included.
    pub min_words: usize,
    /// True when `x = command` stores its result.
    pub assigns: bool,
    /// What a caller needs to run it.
    pub role: Role,
    /// Which callers over the network may run it at all.
    pub network: Network,
    /// What `help` says.
    pub help: Help,
    /// Turns the words into the typed command; references are resolved here, once.
    pub parse: fn(&Line<'_>) -> Result<Command, Error>,
}

/// Which network callers a command is offered to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// REST and TCP.
    Both,
    /// REST alone.
    Rest,
    /// TCP alone.
    Peer,
    /// Nobody: prompt, boot, scripts and scheduler only.
    Nobody,
}

/// Help of one command, in our own words.
pub struct Help {
    /// How the command is written; `[x]` is optional.
    pub usage: &'static str,
    /// What it does.
    pub text: &'static str,
    /// Whole commands that work.
    pub examples: &'static [&'static str],
    /// Words it is found by in `help index`.
    pub index: &'static [&'static str],
}

/// A parsed command, one variant per family.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {}

impl Command {
    /// Runs the command on the node.
    ///
    /// # Errors
    /// The code and the reason, when it fails.
    pub async fn execute(self, _node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        match self {}
    }
}

/// Every command, family by family.
pub const FAMILIES: &[&[Entry]] = &[];
