//! `verify ledger`: what differs between the ledger table and the local copy, a backup, a member's copy.

use crate::{
    command::{
        engine::{
            Access, Command, Entry, Exchange, Help, Line, Parsed, Traits, ledger_files,
            options::{OutputFormat, format, options},
            parsed,
        },
        ledger::backup::files,
    },
    node::{ComparedWith, Comparison, Node, Session},
    reply::{Error, Reply, Table},
    runtime::limits,
    script::Key,
};
use anylog_values::Address;
use async_trait::async_trait;
use serde_json::{Value, json};
use std::sync::Arc;

/// Compares the ledger table.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Verify {
    file: Option<String>,
    member: Option<Address>,
    format: OutputFormat,
}

/// Rows of the command table.
pub const ENTRIES: &[Entry] = &[Entry::read(
    "verify ledger",
    parse,
    Help {
        usage: "verify ledger [where file = file.jsonl] [and member = ip:port] [and format = json]",
        text: "Compares the ledger table with the local copy, and with a backup and the copy of another node where they are named, and names the policies that are missing there, extra or changed. A copy may be some seconds behind the table; what only its own node knows is left out.",
        examples: &[
            "verify ledger",
            "verify ledger where file = before-upgrade.jsonl",
            "verify ledger where member = 10.0.0.5:32148 and format = json",
        ],
        index: &["blockchain", "metadata"],
    },
)
.reaching(Access::ChangeNode)
.with(Traits::QUESTION.over_tcp(Exchange::Closed))
.not_for_peers()];

fn parse(line: &Line<'_>) -> Parsed {
    let arguments = options(line, &[Key::text("file"), Key::address("member"), Key::format("format")])?;
    let file = arguments.text("file").map(str::to_owned);
    parsed(Verify { file, member: arguments.address("member"), format: format(&arguments) })
}

#[async_trait]
impl Command for Verify {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        let mut with = Vec::new();
        // A node that keeps no copy has nothing to compare; one that should have it and does not, has to say so.
        if let Ok(copy) = ledger_files::local_copy(node) {
            with.push(ComparedWith::LocalCopy(copy));
        }
        if let Some(name) = &self.file {
            with.push(ComparedWith::Backup(files::named(node, session, name)?));
        }
        with.extend(self.member.map(|address| ComparedWith::Member(address.to_string())));
        let mut comparisons = Vec::with_capacity(with.len());
        for one in with {
            comparisons.push(node.services.backups.compare(node, one).await?);
        }
        Ok(compared(&comparisons, self.format == OutputFormat::Json))
    }
}

/// Tells what came of comparisons.
#[must_use]
pub fn compared(comparisons: &[Comparison], as_json: bool) -> Reply {
    if as_json {
        let same = comparisons.iter().all(Comparison::is_same);
        return Reply::Value(json!({ "same": same, "compared": comparisons }));
    }
    let summary = comparisons.iter().map(|one| {
        let Comparison { with, policies, missing, extra, changed, .. } = one;
        vec![json!(with), json!(policies), json!(missing), json!(extra), json!(changed)]
    });
    let titles = ["Compared with", "Policies", "Missing", "Extra", "Changed"];
    let summary = Reply::Table(Table::new(titles, summary.collect()));
    let named: Vec<Vec<Value>> = comparisons
        .iter()
        .flat_map(|one| {
            one.differences.iter().map(|two| vec![json!(one.with), json!(two.kind.as_str()), json!(two.id)])
        })
        .take(limits::BACKUP_NAMED)
        .collect();
    if named.is_empty() {
        return summary;
    }
    Reply::Sections(vec![summary, Reply::Table(Table::new(["Compared with", "Difference", "Id"], named))])
}
