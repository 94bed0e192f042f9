//! `event …`: what members ask for without a person (reference/tcp-protocol 7).

use crate::{
    command::engine::{Access, Command, Entry, Exchange, Help, Line, NetworkCallers, Parsed, Traits, parsed},
    ledger::{Export, LedgerBytes},
    node::{Node, Origin, Poll, Session, members::LedgerRequest},
    reply::{Code, CopyKind, Error, LedgerCopy, Reply},
};
use anylog_block::ReturnAddress;
use async_trait::async_trait;
use std::{net::IpAddr, sync::Arc};

/// What a member sends as the hash of its copy when it has none or does not say.
const NO_HASH: &str = "0";

/// A request of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// `event get_blockchain FILE HASH TRACE`.
    GetBlockchain {
        /// Name of the file on the member.
        file: String,
        /// MD5 of the member's copy, `0` when it has none or does not say.
        hash: String,
        /// True when the member wants to read what happened.
        trace: bool,
    },
    /// `event job_stop SLOT ID`: a query is over; this node runs none.
    JobStop,
}

#[async_trait]
impl Command for Event {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        match *self {
            Self::GetBlockchain { file, hash, trace } => {
                asked(node, session, &file, &hash);
                ledger(node, session, file, &hash, trace).await
            }
            Self::JobStop => Ok(Reply::Empty),
        }
    }
}

/// Enters a member's request into the book, also when there is no ledger to be had now.
fn asked(node: &Node, session: &Session, file: &str, hash: &str) {
    let Some((address, caller)) = member(session) else { return };
    let view = node.ledger.view();
    let names =
        || u16::try_from(address.port).is_ok_and(|port| node.peer_access.nodes().names(&view, &address.host, port));
    let is_known = node.knows_sender(caller) || names();
    let hash = Some(hash.to_owned()).filter(|hash| is_hash(hash));
    node.members.asked(&address, LedgerRequest { caller, is_known, file: file.to_owned(), hash });
}

/// Returns the address that a member announces, and that of its connection.
fn member(session: &Session) -> Option<(ReturnAddress, IpAddr)> {
    let Origin::Peer { host, port, caller } = &session.origin else { return None };
    Some((ReturnAddress { host: host.clone(), port: *port }, *caller))
}

/// Tells whether a text is an MD5; members that do not say what they have send `0`.
fn is_hash(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Returns the ledger for a member; an empty one would make the member forget everything (reference/tcp-protocol 15.4).
async fn ledger(node: &Node, session: &Session, file: String, hash: &str, trace: bool) -> Result<Reply, Error> {
    let outcome = delivery(node, session, file, hash, trace).await;
    if outcome.is_err() {
        node.figures.delivery("refused");
    }
    outcome.map(Reply::Copy)
}

async fn delivery(node: &Node, session: &Session, file: String, hash: &str, trace: bool) -> Result<LedgerCopy, Error> {
    if let Some(copy) = empty_copy(node, &file, hash, trace).await {
        return Ok(copy);
    }
    let export = node.member_export().await?;
    let member = member(session);
    let is_known = export.md5 == hash;
    let is_spared = member.as_ref().is_some_and(|(address, caller)| {
        let poll = Poll { caller: *caller, file: file.clone(), is_plain: hash == NO_HASH && !trace };
        node.may_spare(address, poll, &export.md5)
    });
    let mut bytes = None;
    if is_known {
        if let Some((address, _)) = &member {
            node.members.unchanged(address, export.generation(), &export.md5);
        }
        node.figures.delivery("unchanged");
    } else if is_spared {
        node.figures.delivery("spared");
    } else {
        node.ledger.may_deliver().map_err(|error| Error::with(Code::PULL_FAILED, error.to_string()))?;
        handed_out(node, session, &file, &export);
        bytes = Some(match &member {
            Some((address, _)) => node.member_ledger(address, &export).await,
            None => LedgerBytes::Plain(Arc::clone(&export)),
        });
        node.figures.delivery("sent");
    }
    Ok(LedgerCopy {
        destination: file,
        kind: CopyKind::Ledger,
        md5: export.md5.clone(),
        generation: export.generation(),
        bytes,
        is_traced: trace,
    })
}

/// Returns the silence for a member that has an empty ledger like this node; for everybody else an empty one is none.
async fn empty_copy(node: &Node, file: &str, hash: &str, trace: bool) -> Option<LedgerCopy> {
    let export = node.ledger.export().await.ok().filter(|export| export.is_empty() && export.md5 == hash)?;
    Some(LedgerCopy {
        destination: file.to_owned(),
        kind: CopyKind::Ledger,
        md5: export.md5.clone(),
        generation: export.generation(),
        bytes: None,
        is_traced: trace,
    })
}

/// Keeps in the file log that a member was handed the ledger.
pub(super) fn handed_out(node: &Node, session: &Session, file: &str, export: &Export) {
    let member = match &session.origin {
        Origin::Peer { host, .. } => host.as_str(),
        _ => "this node",
    };
    let text = format!("ledger of {} bytes ({}) for {member}: {file}", export.len(), export.md5);
    node.events.file(&session.thread, &text);
}

fn get_blockchain(line: &Line<'_>) -> Parsed {
    let [file, hash, trace] = line.arguments() else {
        return Err(Error::with(Code::MISSING_FILE_NAME, "write: event get_blockchain FILE HASH TRACE"));
    };
    let (file, hash) = (file.text.clone(), hash.text.to_ascii_lowercase());
    parsed(Event::GetBlockchain { file, hash, trace: trace.text == "2" })
}

/// The rows of the command table.
pub const ENTRIES: &[Entry] = &[
    Entry {
        words: "event get_blockchain",
        min_words: 2,
        assigns: false,
        access: Access::ReadLedger,
        opens_secrets: false,
        network: NetworkCallers::Peer,
        traits: Traits::CHANGE.over_tcp(Exchange::Event),
        help: Help {
            usage: "event get_blockchain [file] [hash] [trace]",
            text: "Sent by members: asks for the ledger, which is delivered to the file of the member unless its hash is the same.",
            examples: &["event get_blockchain blockchain.new 0 0"],
            index: &["blockchain"],
        },
        parse: get_blockchain,
    },
    Entry {
        words: "event job_stop",
        min_words: 2,
        assigns: false,
        access: Access::ReadNode,
        opens_secrets: false,
        network: NetworkCallers::Peer,
        traits: Traits::CHANGE.over_tcp(Exchange::Event),
        help: Help {
            usage: "event job_stop [slot] [id]",
            text: "Sent by query nodes when a query is over. This node runs no queries, so nothing happens.",
            examples: &["event job_stop 3 17"],
            index: &["query"],
        },
        parse: |_| parsed(Event::JobStop),
    },
];
