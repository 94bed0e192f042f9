//! `test network …`: asks every node of the ledger at once (reference/rest 10, reference/tcp-protocol 9.1).

use crate::{
    command::{
        engine::{Access, Command, Entry, Help, Line, NetworkCallers, Parsed, Traits, parsed},
        network::known_nodes,
    },
    node::{LedgerNode, NODE_TYPES, Node, Session},
    reply::{Code, Error, PeerAnswer, Reply, Table},
    runtime::limits,
    script::{Key, resolve, where_list},
};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::sync::Arc;

/// What is asked, of whom, and how it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestNetwork {
    /// A type of node, or the address of one.
    only: Option<String>,
    /// The question.
    question: PeerQuestion,
    /// True for `format = json`.
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PeerQuestion {
    Status,
    Version,
}

#[async_trait]
impl Command for TestNetwork {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        if let Some(only) = self.only.as_deref().filter(|only| only.contains(':')) {
            known_nodes::may_ask(node, session, [only])?;
        }
        let members = self.members(node)?;
        let addresses: Vec<String> = members.iter().map(|member| member.address.clone()).collect();
        let command = match self.question {
            PeerQuestion::Status => "get status",
            PeerQuestion::Version => "get metadata version",
        };
        let (limit, most) = (limits::PEER_TEST_TIME, limits::PEER_SHORT_ANSWER);
        let answers = node.services.peers.ask(node, &addresses, command, limit, most).await;
        let states: Vec<String> = answers.iter().map(|answer| self.state(answer)).collect();
        Ok(if self.json { self.as_json(&members, &states) } else { self.as_table(members, states) })
    }
}

impl TestNetwork {
    /// Returns the nodes to ask.
    fn members(&self, node: &Node) -> Result<Vec<LedgerNode>, Error> {
        if let Some(address) = self.only.as_ref().filter(|only| only.contains(':')) {
            let unnamed = || "node".to_owned();
            return Ok(vec![LedgerNode { address: address.clone(), kind: unnamed(), name: unnamed() }]);
        }
        let found = node.ledger_nodes(|policy| self.only.as_deref().is_none_or(|only| only == policy.kind()));
        if found.is_empty() {
            let code = if node.ledger.view().is_empty() { Code::NO_METADATA } else { Code::NO_PEERS };
            return Err(Error::with(code, "the ledger has no policy of such a node with an address"));
        }
        Ok(found)
    }

    fn state(&self, answer: &PeerAnswer) -> String {
        let text = answer.outcome.as_ref().map(ToString::to_string).unwrap_or_default();
        let text = text.trim();
        match self.question {
            PeerQuestion::Version => text.to_owned(),
            PeerQuestion::Status if text.is_empty() || text.ends_with("Not responding") => String::new(),
            PeerQuestion::Status => "+".to_owned(),
        }
    }

    fn as_json(&self, members: &[LedgerNode], states: &[String]) -> Reply {
        let row = |(member, state): (&LedgerNode, &String)| {
            let mut row = json!({"address": member.address, "type": member.kind, "name": member.name});
            // A node that does not answer has no status.
            if let Some(row) = row.as_object_mut().filter(|_| !state.is_empty()) {
                row.insert("status".to_owned(), json!(state));
            }
            row
        };
        Reply::Value(members.iter().zip(states).map(row).collect())
    }

    fn as_table(&self, members: Vec<LedgerNode>, states: Vec<String>) -> Reply {
        let status = self.question == PeerQuestion::Status;
        let row = |(member, state): (LedgerNode, String)| {
            let state = if status && !state.is_empty() { format!("  {state}") } else { state };
            [member.address, member.kind, member.name, state].map(Value::String).to_vec()
        };
        let last = if status { "Status" } else { "Metadata Version" };
        Reply::Table(Table {
            titles: ["Address", "Node Type", "Node Name", last].map(str::to_owned).to_vec(),
            rows: members.into_iter().zip(states).map(row).collect(),
            ..Table::default()
        })
    }
}

fn parse(line: &Line<'_>) -> Parsed {
    let mut words = line.arguments();
    let (mut only, mut question) = (None, PeerQuestion::Status);
    if let [with, object, rest @ ..] = words
        && with.is("with")
    {
        let object = resolve(&object.text, line.scope).into_text();
        if !object.contains(':') && !NODE_TYPES.contains(&object.as_str()) {
            let detail = format!("'{object}' is neither ip:port nor one of {}", NODE_TYPES.join(", "));
            return Err(Error::with(Code::DESTINATION, detail));
        }
        (only, words) = (Some(object), rest);
    }
    if let [metadata, version, rest @ ..] = words
        && metadata.is("metadata")
        && version.is("version")
    {
        (question, words) = (PeerQuestion::Version, rest);
    }
    let options = match words {
        [] => &[],
        [first, rest @ ..] if first.is("where") => rest,
        [first, ..] => return Err(Error::with(Code::STRUCTURE, format!("'{}' is not expected here", first.text))),
    };
    let options = where_list(options, line.scope, &[Key::format("format")])?;
    let json = options.text("format") == Some("json");
    parsed(TestNetwork { only, question, json })
}

/// The rows of the command table.
pub const ENTRIES: &[Entry] = &[Entry {
    words: "test network",
    min_words: 2,
    assigns: true,
    access: Access::AskNodes,
    opens_secrets: false,
    network: NetworkCallers::Rest,
    traits: Traits::QUESTION,
    help: Help {
        usage: "test network [with master/operator/query/publisher/ip:port] [metadata version] [where format = table/json]",
        text: "Asks all nodes of the ledger, or some, whether they answer or which version of the metadata they have. Takes at most 4 seconds.",
        examples: &["test network", "test network with operator", "test network metadata version"],
        index: &["monitor", "network"],
    },
    parse,
}];
