//! `blockchain delete local file`.

use crate::{
    command::{
        engine::{Command, Entry, Line, Parsed, options::nothing_more, parsed},
        ledger::copy::admin_entry,
    },
    node::{Node, Session},
    reply::{Code, Error, Reply},
};
use async_trait::async_trait;
use std::sync::Arc;

/// Deletes the local copy of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct DeleteFile;

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[admin_entry(
    "blockchain delete local file",
    parse,
    "blockchain delete local file",
    "Deletes the local copy of the ledger.",
    &["blockchain delete local file"],
)];

fn parse(line: &Line<'_>) -> Parsed {
    nothing_more(line).and_then(|()| parsed(DeleteFile))
}

#[async_trait]
impl Command for DeleteFile {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        let deleted = node.ledger.delete_file().await;
        deleted.map_err(|error| Error::with(Code::PROCESS_FAILURE, error.to_string()))?;
        Ok(Reply::Empty)
    }
}
