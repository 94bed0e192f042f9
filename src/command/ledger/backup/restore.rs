//! `restore ledger`: the ledger becomes what a backup has, or gets what it lacks of it.

use crate::{
    command::{
        engine::{
            Command, Entry, Help, Line, Parsed, Traits,
            options::{OutputFormat, format, options},
            parsed,
        },
        ledger::{backup::files, caller},
    },
    ledger::{RestoreEffect, RestoreMode, RestoreReport},
    node::{Node, Session},
    reply::{Code, Error, Reply, Table},
    runtime::limits,
    script::Key,
};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::sync::Arc;

/// Restores a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Restore {
    file: String,
    mode: RestoreMode,
    is_dry: bool,
    format: OutputFormat,
}

/// Rows of the command table.
pub const ENTRIES: &[Entry] = &[Entry::change(
    "restore ledger",
    parse,
    Help {
        usage: "restore ledger where file = file.jsonl [and mode = merge/replace] [and dry_run = true] [and format = json]",
        text: "Reads a whole backup, and when nothing is wrong with it makes the ledger of it in one transaction; the node goes on meanwhile. Only an empty ledger is filled without a mode. 'merge' adds what the ledger lacks: what is there stays, and what was dropped after its date stays dropped. 'replace' makes the ledger exactly the backup. The history keeps what was there, so that blockchain undo takes a restore back. 'dry_run = true' tells what would happen.",
        examples: &[
            "restore ledger where file = before-upgrade.jsonl",
            "restore ledger where file = before-upgrade.jsonl and mode = replace and dry_run = true",
        ],
        index: &["blockchain", "metadata"],
    },
)
.with(Traits::CHANGE.answering(true))
.not_for_peers()];

fn parse(line: &Line<'_>) -> Parsed {
    let schema = [Key::text("file").required(), Key::text("mode"), Key::bool("dry_run"), Key::format("format")];
    let arguments = options(line, &schema)?;
    let mode = match arguments.text("mode") {
        None => RestoreMode::EmptyOnly,
        Some("merge") => RestoreMode::Merge,
        Some("replace") => RestoreMode::Replace,
        Some(other) => {
            return Err(Error::with(Code::STRUCTURE, format!("mode '{other}': write merge or replace")));
        }
    };
    let file = arguments.text("file").unwrap_or_default().to_owned();
    let is_dry = arguments.bool("dry_run").unwrap_or_default();
    parsed(Restore { file, mode, is_dry, format: format(&arguments) })
}

#[async_trait]
impl Command for Restore {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        let Self { file, mode, is_dry, format } = *self;
        let file = files::named(node, session, &file)?;
        let order = node.services.backups.read(file, mode, is_dry).await?;
        let report = node.ledger.restore(order, caller::author(session)).await?;
        Ok(restored(&report, format == OutputFormat::Json))
    }
}

/// Tells what a restore did, or would do.
#[must_use]
pub fn restored(report: &RestoreReport, as_json: bool) -> Reply {
    let named = report.policies.iter().take(limits::BACKUP_NAMED);
    if as_json {
        let counts = RestoreEffect::ALL.map(|effect| (effect.as_str().replace(' ', "_"), json!(report.count(effect))));
        let policies = named.map(|one| json!({"effect": one.effect.as_str(), "type": one.kind, "id": one.id}));
        return Reply::Value(json!({
            "dry_run": report.is_dry,
            "before": report.before,
            "after": report.after,
            "in_backup": report.in_backup,
            "history": report.history,
            "counts": counts.into_iter().collect::<serde_json::Map<String, Value>>(),
            "held_back": report.shrunk.is_some(),
            "policies": policies.collect::<Value>(),
        }));
    }
    let rows: Vec<Vec<Value>> =
        named.map(|one| vec![json!(one.effect.as_str()), json!(one.kind), json!(one.id)]).collect();
    let text = Reply::Text(told(report));
    if rows.is_empty() {
        return text;
    }
    Reply::Sections(vec![text, Reply::Table(Table::new(["Restore", "Type", "Id"], rows))])
}

fn told(report: &RestoreReport) -> String {
    let tense = if report.is_dry { "Nothing is changed yet. The ledger would have" } else { "The ledger has" };
    let counts = RestoreEffect::ALL.map(|effect| (effect.as_str(), report.count(effect)));
    let counts: Vec<String> =
        counts.into_iter().filter(|(_, count)| *count > 0).map(|(effect, count)| format!("{count} {effect}")).collect();
    let counts = if counts.is_empty() { "no policy changes".to_owned() } else { counts.join(", ") };
    let mut text = format!("{tense} {} policies (it had {}): {counts}", report.after, report.before);
    if report.history > 0 {
        text += &format!(", {} lines of history come with it", report.history);
    }
    if report.policies.len() > limits::BACKUP_NAMED {
        text += &format!("; the first {} are named", limits::BACKUP_NAMED);
    }
    if let Some(kept) = &report.kept_copy {
        text += &format!(
            "\nThe local copy had policies that the table lacked. It is kept as {}: 'verify ledger' tells what differs",
            kept.display()
        );
    }
    if let Some((before, now)) = report.shrunk {
        text += &format!(
            "\nThe ledger had {before} policies and has {now}: members keep the copy they have until somebody runs \
             'blockchain confirm export'"
        );
    }
    text
}
