//! `blockchain seed from`: the local copy is taken from another node.

use crate::{
    command::{
        engine::{Command, Entry, Line, Parsed, parsed},
        ledger::copy::admin_entry,
    },
    node::{Node, Pull, Session},
    reply::{Code, Error, Reply},
    runtime::limits,
    script::resolve,
};
use anylog_values::Address;
use async_trait::async_trait;
use std::sync::Arc;

/// Takes the local copy from another node.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seed {
    address: Address,
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[admin_entry(
    "blockchain seed from",
    parse,
    "blockchain seed from [ip:port]",
    "Takes the local copy from another node.",
    &["blockchain seed from 10.0.0.5:32048"],
)];

fn parse(line: &Line<'_>) -> Parsed {
    let [address] = line.arguments() else {
        return Err(Error::with(Code::STRUCTURE, "write: blockchain seed from IP:PORT"));
    };
    let given = resolve(address, line.scope).into_text();
    if given.is_empty() {
        return Err(Error::with(Code::NO_DESTINATION, format!("'{}' has no value: IP:PORT is expected", address.text)));
    }
    let text = given.trim_matches(['(', ')']);
    let address = text.parse().map_err(|_| Error::with(Code::DESTINATION, format!("'{text}' is no IP:PORT")))?;
    parsed(Seed { address })
}

#[async_trait]
impl Command for Seed {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        let bytes = node.services.peers.pull(node, &self.address.to_string(), Pull::Seed, limits::SEED_TIME).await?;
        node.ledger.adopt_file(bytes).await?;
        Ok(Reply::Empty)
    }
}
