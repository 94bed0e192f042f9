//! `backup ledger`: everything that the ledger holds, in a file.

use crate::{
    command::{
        engine::{Command, Entry, Help, Line, Parsed, Traits, options::options, parsed},
        ledger::backup::files,
    },
    node::{BackupSummary, Node, Session},
    reply::{Error, Reply, thousands},
    script::Key,
};
use async_trait::async_trait;
use std::sync::Arc;

/// Writes a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Backup {
    file: Option<String>,
}

/// Rows of the command table.
pub const ENTRIES: &[Entry] = &[Entry::change(
    "backup ledger",
    parse,
    Help {
        usage: "backup ledger [where file = file.jsonl]",
        text: "Writes the ledger as it is now into a file, with its history and its tombstones, while changes go on. A name alone stands in BACKUP_DIR; without one the file is called after the node and the time. A name that ends with .jsonl.gz is packed. The file is there only when it is whole and was read back.",
        examples: &["backup ledger", "backup ledger where file = before-upgrade.jsonl"],
        index: &["blockchain", "metadata"],
    },
)
.with(Traits::CHANGE.answering(true))
.not_for_peers()];

fn parse(line: &Line<'_>) -> Parsed {
    parsed(Backup { file: options(line, &[Key::text("file")])?.text("file").map(str::to_owned) })
}

#[async_trait]
impl Command for Backup {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        let file = self.file.map(|name| files::to_write(node, session, &name)).transpose()?;
        let summary = node.services.backups.write(node, file).await?;
        let told = told(&summary);
        node.events.file(&session.thread, &told);
        Ok(Reply::Text(told))
    }
}

fn told(summary: &BackupSummary) -> String {
    let BackupSummary { file, counts, size, sha256, .. } = summary;
    format!("{}: {counts}, {} bytes, SHA-256 of the seal {sha256}", file.display(), thousands(*size))
}
