//! `blockchain update`: a file becomes the local copy, or its policies come into the table.

use crate::{
    command::{
        engine::{Command, Entry, Line, Parsed, ledger_files as paths, parsed},
        ledger::{copy::admin_entry, push, this_node},
    },
    ledger::{OnDuplicate, PolicyCheck, PolicyInsert},
    node::{Node, Session},
    policy::Policy,
    reply::{Code, Error, Notice, Reply},
};
use async_trait::async_trait;
use std::sync::Arc;

/// Takes policies from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Update {
    /// `blockchain update file [FILE]`.
    File(Option<String>),
    /// `blockchain update dbms [FILE]`.
    Table(Option<String>),
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[admin_entry(
    "blockchain update",
    parse,
    "blockchain update [file/dbms] [file]",
    "Makes a file the local copy, or adds the policies of a file to the ledger table.",
    &["blockchain update file", "blockchain update dbms", "blockchain update dbms !blockchain_dir/seed.json"],
)];

fn parse(line: &Line<'_>) -> Parsed {
    let [target, rest @ ..] = line.arguments() else {
        return Err(Error::with(Code::STRUCTURE, "write: blockchain update file or blockchain update dbms"));
    };
    let rest = match rest {
        [rest @ .., ignore, message] if ignore.is("ignore") && message.is("message") => rest,
        rest => rest,
    };
    let missing = if target.is("dbms") { Code::EMPTY_LOCAL_FILE } else { Code::RENAME_FAILED };
    let file = match rest {
        [] => None,
        [file] => Some(paths::file_name(file, line, missing)?),
        [_, word, ..] => return Err(Error::with(Code::STRUCTURE, format!("'{}' is not expected here", word.text))),
    };
    match target.text.as_str() {
        "file" => parsed(Update::File(file)),
        "dbms" => parsed(Update::Table(file)),
        other => Err(Error::with(Code::STRUCTURE, format!("'{other}': write file or dbms"))),
    }
}

#[async_trait]
impl Command for Update {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        match *self {
            Self::File(file) => update_file(node, session, file.as_deref()).await?,
            Self::Table(file) => update_table(node, session, file.as_deref()).await?,
        }
        Ok(Reply::Empty)
    }
}

async fn update_file(node: &Node, session: &Session, file: Option<&str>) -> Result<(), Error> {
    let path = paths::named_or_beside(node, session, file, "new")?;
    let old = paths::local_copy(node)?.with_extension("old");
    match tokio::fs::read(&path).await {
        Ok(bytes) => {
            node.ledger.adopt_file(bytes).await?;
            node.events.file(&session.thread, &format!("{}: now the local copy", path.display()));
            Ok(())
        }
        Err(error) => {
            let kept = tokio::fs::try_exists(&old).await.unwrap_or_default();
            let code = if kept { Code::NO_FILE } else { Code::RENAME_FAILED };
            Err(Error::with(code, format!("{}: {error}", path.display())))
        }
    }
}

/// Adds the policies of a file to the ledger table; lines that cannot be added are told and left out.
async fn update_table(node: &Node, session: &Session, file: Option<&str>) -> Result<(), Error> {
    let path = match file {
        None => paths::local_copy(node)?,
        Some(_) => paths::named_or_beside(node, session, file, "json")?,
    };
    let text = tokio::fs::read_to_string(&path).await.unwrap_or_default();
    if text.trim().is_empty() {
        return Err(Error::with(Code::EMPTY_LOCAL_FILE, format!("{} has no policies", path.display())));
    }
    let (mut added, mut lines) = (0, 0);
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        lines += 1;
        let outcome = match Policy::parse(line) {
            Ok(policy) => {
                let host = this_node::own_host(node);
                push::write(
                    node,
                    session,
                    PolicyInsert { policy, host, on_duplicate: OnDuplicate::Ignore, check: PolicyCheck::Nothing },
                )
                .await
            }
            Err(error) => Err(error.into()),
        };
        match outcome {
            Ok(_) => added += 1,
            Err(error) => {
                node.events.warning(&session.thread, &format!("{} line {}: {error}", path.display(), number + 1))
            }
        }
    }
    session.output.notice(&Notice::Line(format!("Policies added to local DBMS: {added} from {lines}")));
    Ok(())
}
