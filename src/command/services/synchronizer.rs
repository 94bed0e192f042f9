//! Figures of the synchroniser and the version of the metadata (reference/rest 10).

use crate::{
    command::engine::{Command, Entry, Help, Line, Parsed, options::nothing_more, parsed},
    node::{Node, Session},
    reply::{Error, Reply, Table},
};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::sync::Arc;

/// Commands that tell how far the local copy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synchronization {
    /// `get synchronizer`.
    Show,
    /// `get metadata version`.
    Version,
}

#[async_trait]
impl Command for Synchronization {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        let version = metadata_version(node).await;
        Ok(match *self {
            Self::Version => Reply::Text(version),
            Self::Show => Reply::Table(Table::new(TITLES, vec![row(node, version)])),
        })
    }
}

const TITLES: [&str; 11] = [
    "Status",
    "Sync\nSource",
    "Connection",
    "Sync\nTime",
    "Metadata Version",
    "Time\nSince Update",
    "Calls",
    "Loads",
    "Policies",
    "Sync OK",
    "Sync Err",
];

fn row(node: &Node, version: String) -> Vec<Value> {
    let policies = json!(node.ledger.view().iter().count());
    let Some(status) = node.services.synchronizer.status() else {
        let absent = json!("Not declared");
        let (zero, never) = (json!(0), json!("Not updated"));
        let start = [json!("Not Running"), absent.clone(), absent, json!(-1), json!(version), never];
        return start.into_iter().chain([zero.clone(), zero.clone(), policies, zero.clone(), zero]).collect();
    };
    let since = status.since_update.map_or_else(|| "Not updated".to_owned(), hours_text);
    vec![
        json!("Running"),
        json!(status.options.source),
        json!(status.options.connection.map(|address| address.to_string()).unwrap_or_default()),
        json!(status.options.every.as_secs()),
        json!(version),
        json!(since),
        json!(status.calls),
        json!(status.loads),
        policies,
        json!(status.ok),
        json!(status.errors),
    ]
}

/// Writes seconds as `HH:MM:SS`.
fn hours_text(seconds: u64) -> String {
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// Returns the MD5 of the ledger as members pull it, `0` before there is one.
pub async fn metadata_version(node: &Node) -> String {
    node.ledger.version().await.unwrap_or_else(|| "0".to_owned())
}

fn parse_show(line: &Line<'_>) -> Parsed {
    nothing_more(line).and_then(|()| parsed(Synchronization::Show))
}

fn parse_version(line: &Line<'_>) -> Parsed {
    nothing_more(line).and_then(|()| parsed(Synchronization::Version))
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[
    Entry::read(
        "get synchronizer",
        parse_show,
        Help {
            usage: "get synchronizer",
            text: "Tells where the metadata comes from, when the local copy changed last, and how the rounds went.",
            examples: &["get synchronizer"],
            index: &["blockchain", "metadata", "monitor"],
        },
    ),
    Entry::read(
        "get metadata version",
        parse_version,
        Help {
            usage: "get metadata version",
            text: "Tells the version of the metadata, a hash that is the same on every node with the same policies, 0 without any.",
            examples: &["get metadata version", "version = get metadata version"],
            index: &["blockchain", "metadata"],
        },
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_hours() {
        assert_eq!([0, 75, 36_000 * 4].map(hours_text), ["00:00:00", "00:01:15", "40:00:00"]);
    }
}
