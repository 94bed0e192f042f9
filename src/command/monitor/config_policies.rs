//! `get config policies`: what came of every `config from policy` (reference/command-language 14.4).

use crate::{
    command::engine::{Command, Entry, Help, Line, Parsed, options::nothing_more, parsed},
    node::{Node, Session},
    reply::{Code, Error, Reply, Table},
};
use async_trait::async_trait;
use serde_json::json;
use std::sync::Arc;

/// `get config policies`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfigPolicies;

#[async_trait]
impl Command for ConfigPolicies {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        let rows = node.settings.get().configurations.into_iter().map(|attempt| {
            let message = if attempt.code == 0 { "" } else { Code(attempt.code).text() };
            vec![json!(attempt.id), json!(attempt.name), json!(attempt.code), json!(message)]
        });
        Ok(Reply::Table(Table::new(["Policy ID", "Policy_name", "Error", "Message"], rows.collect())))
    }
}

fn parse(line: &Line<'_>) -> Parsed {
    nothing_more(line).and_then(|()| parsed(ConfigPolicies))
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[Entry::read(
    "get config policies",
    parse,
    Help {
        usage: "get config policies",
        text: "Lists the policies that 'config from policy' was given, and how each attempt ended.",
        examples: &["get config policies"],
        index: &["configuration", "config"],
    },
)];
