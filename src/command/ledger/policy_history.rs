//! `get policy history`: who changed a policy, when, and what it was before.

use crate::{
    command::engine::{
        Access, Behind, Command, Entry, Help, Line, Parsed,
        options::{OutputFormat, format, options},
        parsed,
    },
    ledger::HistoryRow,
    node::{Node, Session},
    policy::json,
    query::{self, Exhausted},
    reply::{Code, Error, Reply, Table},
    script::Key,
};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::sync::Arc;

/// `get policy history where id = ID`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyHistory {
    id: String,
    format: OutputFormat,
}

#[async_trait]
impl Command for PolicyHistory {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        let history = changes(node, &self.id).await?;
        if history.is_empty() {
            let detail = format!("no change of a policy with id '{}' is known", self.id);
            return Err(Error::with(Code::POLICY_NOT_AVAILABLE, detail));
        }
        if self.format == OutputFormat::Json {
            return Ok(Reply::Value(history.iter().map(object).collect()));
        }
        let titles = ["Time", "Who", "What", "Type", "Id", "Before", "After"].map(str::to_owned).to_vec();
        Ok(Reply::Table(Table { titles, rows: history.into_iter().map(row).collect(), ..Table::default() }))
    }
}

/// Parts of the memory of one query: as values, policies take about four times what their texts take.
const SHARE: u64 = 4;

/// Returns the changes of a policy, oldest first. Somebody who replaces a large policy again and again makes them long.
///
/// # Errors
/// When they take more memory than one query may; the database's own.
pub(super) async fn changes(node: &Node, id: &str) -> Result<Vec<HistoryRow>, Error> {
    let most = node.queries.most_bytes() / SHARE;
    let rows = node.ledger.history_within(id, most).await?;
    Ok(rows.ok_or(query::Error::from(Exhausted::Bytes(most)))?)
}

fn object(change: &HistoryRow) -> Value {
    let policy = |text: &Option<String>| text.as_ref().and_then(|text| json::parse_lenient(text).ok());
    json!({
        "time": change.time,
        "who": change.who,
        "what": change.action.as_str(),
        "type": change.kind,
        "id": change.id,
        "before": policy(&change.before),
        "after": policy(&change.after),
    })
}

fn row(change: HistoryRow) -> Vec<Value> {
    let texts = [change.time, change.who, change.action.as_str().to_owned(), change.kind, change.id];
    texts.into_iter().map(Some).chain([change.before, change.after]).map(|text| json!(text)).collect()
}

fn parse(line: &Line<'_>) -> Parsed {
    let arguments = options(line, &[Key::text("id").required(), Key::format("format")])?;
    let id = arguments.text("id").unwrap_or_default().to_owned();
    parsed(PolicyHistory { id, format: format(&arguments) })
}

/// Rows of the command table.
pub const ENTRIES: &[Entry] = &[Entry::read(
    "get policy history",
    parse,
    Help {
        usage: "get policy history where id = [id] [and format = table/json]",
        text: "Lists the changes of a policy, oldest first: who, when, what, before and after.",
        examples: &["get policy history where id = 64bb2f7462e3f8ab7a8bb4ae4dbbb4fa and format = json"],
        index: &["blockchain", "metadata"],
    },
)
.reaching(Access::ReadLedger)
.before(Behind::IdOption)];

/// The entry of `get policy history`.
pub(super) const HISTORY: &Entry = match ENTRIES {
    [first, ..] => first,
    [] => unreachable!(),
};
