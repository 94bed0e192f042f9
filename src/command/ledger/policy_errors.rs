//! `get policy errors`: rows of the ledger table with which something is wrong, whoever wrote them.

use crate::{
    command::engine::{
        Command, Entry, Help, Line, Parsed,
        options::{OutputFormat, only_format},
        parsed,
    },
    ledger::LedgerEntry,
    node::{Node, Session},
    reply::{Error, Reply, Table},
};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::sync::Arc;

/// Rows that one answer lists.
const LISTED: usize = 1000;
/// Characters of an id that an answer repeats.
const SHOWN: usize = 128;

/// `get policy errors`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct PolicyErrors(OutputFormat);

#[async_trait]
impl Command for PolicyErrors {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        let view = node.ledger.view();
        let faulty = view.faulty().take(LISTED);
        if self.0 == OutputFormat::Json {
            return Ok(Reply::Value(faulty.map(|entry| object(entry)).collect()));
        }
        let titles = ["Row", "Id", "Type", "Host", "Listed", "Error"].map(str::to_owned).to_vec();
        Ok(Reply::Table(Table { titles, rows: faulty.map(|entry| row(entry)).collect(), ..Table::default() }))
    }
}

fn object(entry: &LedgerEntry) -> Value {
    json!({
        "row": entry.sequence,
        "id": shown(&entry.id),
        "type": shown(&entry.kind),
        "host": shown(&entry.host),
        "listed": entry.valid,
        "error": entry.fault,
    })
}

fn row(entry: &LedgerEntry) -> Vec<Value> {
    let listed = if entry.valid { "yes" } else { "no" };
    vec![
        json!(entry.sequence),
        json!(shown(&entry.id)),
        json!(shown(&entry.kind)),
        json!(shown(&entry.host)),
        json!(listed),
        json!(entry.fault),
    ]
}

/// Returns the beginning of a text that somebody else wrote.
fn shown(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

fn parse(line: &Line<'_>) -> Parsed {
    parsed(PolicyErrors(only_format(line)?))
}

/// Rows of the command table.
pub const ENTRIES: &[Entry] = &[Entry::read(
    "get policy errors",
    parse,
    Help {
        usage: "get policy errors [where format = table/json]",
        text: "Lists the rows of the ledger table with which something is wrong, because somebody else wrote them: what cannot be read is neither listed nor exported, the rest is. Correct or drop such a row by its id, or by its number in the database.",
        examples: &["get policy errors", "get policy errors where format = json"],
        index: &["blockchain", "metadata", "monitor"],
    },
)];
