//! `blockchain load metadata`, `blockchain reload metadata`: the ledger is read again.

use crate::{
    command::{
        engine::{Command, Entry, Exchange, Line, Parsed, Traits, parsed},
        ledger::copy::admin_entry,
    },
    node::{Node, Session},
    policy::Known,
    reply::{Code, Error, Reply},
};
use async_trait::async_trait;
use std::sync::Arc;

/// Reads the ledger again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Load;

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[
    admin_entry(
        "blockchain load",
        parse,
        "blockchain load metadata",
        "Reads the ledger again.",
        &["blockchain load metadata"],
    )
    .with(Traits::CHANGE.over_tcp(Exchange::LedgerEcho)),
    admin_entry(
        "blockchain reload",
        parse,
        "blockchain reload metadata",
        "Reads the ledger again.",
        &["blockchain reload metadata"],
    ),
];

fn parse(line: &Line<'_>) -> Parsed {
    match line.arguments() {
        [what] if what.is("metadata") => parsed(Load),
        _ => Err(Error::with(Code::STRUCTURE, "write: blockchain load metadata")),
    }
}

#[async_trait]
impl Command for Load {
    /// Clusters that no operator serves are an error, as on every node.
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        node.ledger.reload().await?;
        let view = node.ledger.view();
        let any = |kind: &str| Known::of_type(&*view, kind).next().is_some();
        if any("cluster") && !any("operator") {
            return Err(Error::with(Code::POLICY_NOT_AVAILABLE, "clusters are in the ledger but no operator"));
        }
        Ok(Reply::Empty)
    }
}
