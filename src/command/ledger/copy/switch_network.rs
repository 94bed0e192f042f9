//! `blockchain switch network`: another master becomes the source of the local copy.

use crate::{
    command::{
        engine::{Command, Entry, Line, Parsed, options::options, parsed},
        ledger::copy::admin_entry,
    },
    node::{Node, Session},
    reply::{Code, Error, Reply},
    script::Key,
};
use anylog_values::Address;
use async_trait::async_trait;
use std::sync::Arc;

/// Changes the master that the synchroniser asks.
#[derive(Clone, Debug, PartialEq, Eq)]
struct SwitchNetwork {
    master: Address,
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[admin_entry(
    "blockchain switch network",
    parse,
    "blockchain switch network where master = [ip:port]",
    "Changes the master that the synchroniser asks.",
    &["blockchain switch network where master = 10.0.0.5:32048"],
)];

fn parse(line: &Line<'_>) -> Parsed {
    let arguments = options(line, &[Key::address("master").required()])?;
    parsed(SwitchNetwork { master: arguments.address("master").ok_or(Code::STRUCTURE)? })
}

#[async_trait]
impl Command for SwitchNetwork {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        node.services.synchronizer.connect_to(self.master);
        Ok(Reply::Empty)
    }
}
