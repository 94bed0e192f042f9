//! `file get !blockchain_file`: the ledger for a member that starts with nothing (reference/tcp-protocol 7.2).

use super::{Code, Command, Entry, Error, Help, LedgerCopy, Line, Network, Node, Reply, Role, Session, event};
use std::sync::Arc;

/// The only file that other nodes may have.
const LEDGER: &str = "!blockchain_file";

/// A file that another node asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileGet {
    /// Name of the file on the asking node.
    destination: String,
}

impl FileGet {
    pub(super) async fn execute(self, node: &Arc<Node>, session: &Session) -> Result<Reply, Error> {
        let export = event::export(node).await.map_err(|error| Error { code: Code::NO_FILE, ..error })?;
        event::handed_out(node, session, &self.destination, &export);
        let bytes = Some(Arc::clone(&export.bytes));
        Ok(Reply::Copy(LedgerCopy { destination: self.destination, bytes, flag: 0, trace: None }))
    }
}

fn parse(line: &Line<'_>) -> Result<Command, Error> {
    match line.arguments() {
        [source, destination] if source.text == LEDGER => {
            Ok(Command::FileGet(FileGet { destination: destination.text.clone() }))
        }
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
    role: Role::Read,
    network: Network::Peer,
    help: Help {
        usage: "file get !blockchain_file [file]",
        text: "Sent by members (blockchain seed): asks for the ledger, which is delivered to the file of the member. Other files are refused.",
        examples: &["file get !blockchain_file blockchain.json"],
        index: &["file", "blockchain"],
    },
    parse,
}];
