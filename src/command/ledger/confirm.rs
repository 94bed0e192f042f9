//! What an operator decides: changes that a sender may not make alone, and a ledger that shrank.

use crate::{
    command::{
        engine::{
            Access, Command, Entry, Exchange, Help, Line, Traits,
            options::{OutputFormat, format, nothing_more, options},
            parsed,
        },
        ledger::caller,
    },
    ledger::HeldChange,
    node::{Node, Session},
    reply::{Error, Reply, Table},
    script::Key,
};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::sync::Arc;

/// Targets of a change that a table shows.
const SHOWN: usize = 5;

/// A decision of an operator, or the question what there is to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Confirm {
    /// `get pending changes`.
    Pending(OutputFormat),
    /// `blockchain confirm changes`.
    Changes(Option<u64>),
    /// `blockchain reject changes`.
    Reject(Option<u64>),
    /// `blockchain confirm export`.
    Export,
}

#[async_trait]
impl Command for Confirm {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        match *self {
            Self::Pending(format) => Ok(pending(node, format)),
            Self::Changes(number) => {
                let outcomes = node.ledger.confirm_changes(number, caller::author(session)).await?;
                let told = outcomes.iter().map(|(held, outcome)| match outcome {
                    Ok(()) => format!("{}: done", held.number),
                    Err(error) => format!("{}: {error}", held.number),
                });
                Ok(Reply::Text(format!("Changes confirmed: {}", list(told))))
            }
            Self::Reject(number) => {
                let count = node.ledger.reject_changes(number).await?;
                Ok(Reply::Text(format!("Changes rejected: {count}")))
            }
            Self::Export => {
                let (before, now) = node.ledger.confirm_export()?;
                tracing::warn!(
                    before,
                    now,
                    who = caller::author(session).who,
                    "a ledger that shrank is delivered again"
                );
                let rounds = &node.services.synchronizer;
                if rounds.status().is_some() {
                    rounds.now(node).await?;
                }
                Ok(Reply::Text(format!("Members get the ledger with {now} policies; it had {before}")))
            }
        }
    }
}

fn list(told: impl Iterator<Item = String>) -> String {
    let told: Vec<String> = told.collect();
    if told.is_empty() { "none waits".to_owned() } else { told.join(", ") }
}

fn pending(node: &Node, format: OutputFormat) -> Reply {
    let held = node.ledger.held_changes();
    if format == OutputFormat::Json {
        return Reply::Value(held.iter().map(|held| object(held)).collect());
    }
    let titles = ["Number", "Time", "Sender", "Change", "Policies", "Ids"].map(str::to_owned).to_vec();
    Reply::Table(Table { titles, rows: held.iter().map(|held| row(held)).collect(), ..Table::default() })
}

fn object(held: &HeldChange) -> Value {
    json!({
        "number": held.number,
        "time": held.time,
        "sender": held.who,
        "change": held.change.name(),
        "policies": held.targets(),
    })
}

fn row(held: &HeldChange) -> Vec<Value> {
    let targets = held.targets();
    let more = if targets.len() > SHOWN { ", …" } else { "" };
    let shown = targets.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ") + more;
    vec![
        json!(held.number),
        json!(held.time),
        json!(held.who),
        json!(held.change.name()),
        json!(targets.len()),
        json!(shown),
    ]
}

/// Reads `where number = N`; without it all are meant.
fn number(line: &Line<'_>) -> Result<Option<u64>, Error> {
    let arguments = options(line, &[Key::int("number")])?;
    Ok(arguments.int("number").map(i64::unsigned_abs))
}

/// Rows of the command table.
pub const ENTRIES: &[Entry] = &[
    Entry::read(
        "get pending changes",
        |line| parsed(Confirm::Pending(format(&options(line, &[Key::format("format")])?))),
        Help {
            usage: "get pending changes [where format = table/json]",
            text: "Lists the changes that wait for an operator, because their senders drop or replace more of what others published than PEER_DROP_LIMIT allows in a minute.",
            examples: &["get pending changes", "get pending changes where format = json"],
            index: &["blockchain", "metadata", "monitor"],
        },
    )
    .reaching(Access::ReadLedger),
    Entry::change(
        "blockchain confirm changes",
        |line| parsed(Confirm::Changes(number(line)?)),
        Help {
            usage: "blockchain confirm changes [where number = number]",
            text: "Makes the changes that wait for an operator, or one of them; get pending changes lists them.",
            examples: &["blockchain confirm changes", "blockchain confirm changes where number = 3"],
            index: &["blockchain", "metadata"],
        },
    )
    .with(Traits::CHANGE.answering(true).over_tcp(Exchange::LedgerChange))
    .not_for_peers(),
    Entry::change(
        "blockchain reject changes",
        |line| parsed(Confirm::Reject(number(line)?)),
        Help {
            usage: "blockchain reject changes [where number = number]",
            text: "Forgets the changes that wait for an operator, or one of them.",
            examples: &["blockchain reject changes", "blockchain reject changes where number = 3"],
            index: &["blockchain", "metadata"],
        },
    )
    .with(Traits::CHANGE.answering(true).over_tcp(Exchange::LedgerChange))
    .not_for_peers(),
    Entry::change(
        "blockchain confirm export",
        |line| nothing_more(line).and_then(|()| parsed(Confirm::Export)),
        Help {
            usage: "blockchain confirm export",
            text: "Lets members have a ledger that lost more than half of its policies; until then they keep the copy they have.",
            examples: &["blockchain confirm export"],
            index: &["blockchain", "metadata"],
        },
    )
    .with(Traits::CHANGE.answering(true).over_tcp(Exchange::LedgerChange))
    .not_for_peers(),
];
