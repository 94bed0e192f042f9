//! `test join`: why a member does not join, as a list of checks.

use crate::{
    command::engine::{
        Access, Command, Entry, Help, Line, NetworkCallers, Parsed,
        options::{OutputFormat, only_format},
        parsed,
    },
    node::{Node, Session},
    reply::{Error, Reply},
};
use async_trait::async_trait;
use std::sync::Arc;

/// The words of the command, for the program that asks a running node.
pub const WORDS: &str = "test join";

/// A test of everything that a member needs of this node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TestJoin(OutputFormat);

#[async_trait]
impl Command for TestJoin {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        let list = node.join_checklist().await;
        Ok(match self.0 {
            OutputFormat::Table => Reply::Checklist(list),
            OutputFormat::Json => Reply::Value(list.value()),
        })
    }
}

fn parse(line: &Line<'_>) -> Parsed {
    only_format(line).and_then(|format| parsed(TestJoin(format)))
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[Entry {
    network: NetworkCallers::Rest,
    ..Entry::read(
        WORDS,
        parse,
        Help {
            usage: "test join [where format = table/json]",
            text: "Looks for what keeps members from joining: ports, the address that they are told and whether it leads here, names, LEDGER_CONN, database, clocks, disk, env file, members and other nodes, and what came to the wrong port. Each check says what was tried and what to do. Takes at most a few seconds.",
            examples: &["test join", "test join where format = json"],
            index: &["monitor", "network"],
        },
    )
    .reaching(Access::AskNodes)
}];
