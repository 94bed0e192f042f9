//! `file get !blockchain_file`: the ledger for a member that starts with nothing (reference/tcp-protocol 7.2).

use crate::{
    command::{
        engine::{Access, Command, Entry, Exchange, Help, Line, NetworkCallers, Parsed, Traits, Verbs, parsed},
        network::event,
    },
    ledger::LedgerBytes,
    node::{Node, Session},
    reply::{Code, CopyKind, Error, LedgerCopy, Reply},
};
use async_trait::async_trait;
use std::sync::Arc;

/// The only file that other nodes may have.
const LEDGER: &str = "!blockchain_file";

/// A file that another node asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileGet {
    /// Name of the file on the asking node.
    destination: String,
}

#[async_trait]
impl Command for FileGet {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        let export = node.member_export().await.map_err(|error| Error { code: Code::NO_FILE, ..error })?;
        node.ledger.check_whole().map_err(|error| Error::with(Code::NO_FILE, error.to_string()))?;
        event::handed_out(node, session, &self.destination, &export);
        Ok(Reply::Copy(LedgerCopy {
            destination: self.destination,
            kind: CopyKind::File,
            md5: export.md5.clone(),
            generation: export.generation(),
            bytes: Some(LedgerBytes::Plain(export)),
            is_traced: false,
        }))
    }
}

fn parse(line: &Line<'_>) -> Parsed {
    match line.arguments() {
        [source, destination] if source.text == LEDGER => parsed(FileGet { destination: destination.text.clone() }),
        [source, _] => {
            let detail = format!("{} is not for other nodes, only {LEDGER} is", source.text);
            Err(Error::with(Code::FILE_NOT_AUTHORIZED, detail))
        }
        _ => Err(Error::with(Code::STRUCTURE, format!("write: file get {LEDGER} FILE"))),
    }
}

/// The rows of the command table.
pub const ENTRIES: &[Entry] = &[Entry {
    words: "file get",
    min_words: 2,
    assigns: false,
    access: Access::ReadLedger,
    opens_secrets: false,
    network: NetworkCallers::Peer,
    traits: Traits::CHANGE.carried_by(Verbs::Both).over_tcp(Exchange::File),
    help: Help {
        usage: "file get !blockchain_file [file]",
        text: "Sent by members (blockchain seed): asks for the ledger, which is delivered to the file of the member. Other files are refused.",
        examples: &["file get !blockchain_file blockchain.json"],
        index: &["file", "blockchain"],
    },
    parse,
}];
