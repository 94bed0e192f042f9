//! `backup ledger`: everything that the ledger holds, in a file.

use crate::{
    command::{
        engine::{Command, Entry, Help, Line, Parsed, Traits, options::options, parsed, typed},
        ledger::backup::files,
    },
    node::{BackupSummary, Node, Session},
    reply::{Error, Reply, thousands},
    script::Key,
};
use async_trait::async_trait;
use std::{io::Write, sync::Arc};

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

/// The entry of `backup ledger`.
pub const BACKUP_LEDGER: &Entry = match ENTRIES {
    [backup, ..] => backup,
    [] => unreachable!(),
};

/// Writes a backup, packed with gzip, to whoever takes its bytes: as `backup ledger` does into a file, with the rights, the log
/// and the figures of that command.
///
/// # Errors
/// The caller may not; what the ledger says, and who takes the bytes.
pub async fn backup_to(
    node: &Arc<Node>,
    session: &Session,
    out: Box<dyn Write + Send>,
) -> Result<BackupSummary, Error> {
    typed(BACKUP_LEDGER, node, session, async {
        let summary = node.services.backups.stream(node, out).await?;
        node.events.file(&session.thread, &told(&summary));
        Ok(summary)
    })
    .await
}

fn told(summary: &BackupSummary) -> String {
    let BackupSummary { file, counts, size, sha256, .. } = summary;
    format!("{}: {counts}, {} bytes, SHA-256 of the seal {sha256}", file.display(), thousands(*size))
}
