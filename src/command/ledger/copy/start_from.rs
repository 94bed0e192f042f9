//! `blockchain start from`: the local copy or the table counts, after the table lost what the copy has (reference/ledger 8.8).

use crate::{
    command::{
        engine::{Command, Entry, Exchange, Line, Parsed, Traits, parsed},
        ledger::{caller, copy::admin_entry, this_node},
    },
    ledger::{StartFrom, StartedFrom},
    node::{Node, Session},
    reply::{Code, Error, Reply},
};
use async_trait::async_trait;
use std::sync::Arc;

/// Says what counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Start(StartFrom);

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[admin_entry(
    "blockchain start from",
    parse,
    "blockchain start from [copy/table]",
    "Decides what counts when the ledger table lacks most of what the local copy has: copy brings the policies back into the table, table goes on without them and keeps the copy under another name. Until then members keep the copy they have. START_FROM does the same at a start.",
    &["blockchain start from copy", "blockchain start from table"],
)
.with(Traits::CHANGE.answering(true).over_tcp(Exchange::LedgerChange))];

fn parse(line: &Line<'_>) -> Parsed {
    match line.arguments() {
        [which] if which.is("copy") => parsed(Start(StartFrom::Copy)),
        [which] if which.is("table") => parsed(Start(StartFrom::Table)),
        _ => Err(Error::with(Code::STRUCTURE, "write: blockchain start from copy, or blockchain start from table")),
    }
}

#[async_trait]
impl Command for Start {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        let (host, author) = (this_node::own_host(node), caller::author(session));
        let who = author.who.clone();
        let started = node.ledger.start_from(self.0, &host, author).await?;
        tracing::warn!(from = %self.0, who, outcome = ?started, "it was decided what the ledger starts from");
        let rounds = &node.services.synchronizer;
        if rounds.status().is_some() {
            rounds.now(node).await?;
        }
        Ok(Reply::Text(match started {
            StartedFrom::Copy { restored, refused: 0 } => format!("Policies back in the ledger table: {restored}"),
            StartedFrom::Copy { restored, refused } => {
                format!("Policies back in the ledger table: {restored}; refused: {refused}, the log names them")
            }
            StartedFrom::Table { given_up, kept } => {
                format!("The ledger table counts; the local copy with {given_up} policies more is kept as {kept}")
            }
        }))
    }
}
