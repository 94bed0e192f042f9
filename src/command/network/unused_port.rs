//! `get unused … port for TYPE`: a port for a new node on this machine that no policy of its type has taken.

use crate::{
    command::engine::{Command, Entry, Help, Line, Parsed, parsed},
    node::{Node, Session},
    reply::{Code, Error, Reply},
};
use async_trait::async_trait;
use std::sync::Arc;

/// First ports of each type of node: TCP, REST, message broker.
const FIRST: [(&str, [u16; 3]); 4] = [
    ("master", [32048, 32049, 32050]),
    ("operator", [32148, 32149, 32150]),
    ("publisher", [32248, 32249, 32250]),
    ("query", [32348, 32349, 32350]),
];

/// Attributes of a policy that hold its ports, in the same order.
const ATTRIBUTES: [&str; 3] = ["port", "rest_port", "broker_port"];

/// Distance between the ports of two nodes of one type.
const STEP: u16 = 10;

/// Asks for the port of a service of a new node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnusedPort {
    kind: &'static str,
    first: u16,
    attribute: &'static str,
}

#[async_trait]
impl Command for UnusedPort {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        let own = [node.dictionary.get("external_ip"), node.dictionary.get("ip")];
        let view = node.ledger.view();
        let taken: Vec<u64> = view
            .of_type(self.kind)
            .filter_map(|entry| entry.policy())
            .filter(|policy| own.iter().flatten().any(|ip| policy.text("ip") == Some(ip)))
            .filter_map(|policy| number(policy.get(self.attribute)?))
            .collect();
        (self.first..u16::MAX)
            .step_by(usize::from(STEP))
            .find(|port| !taken.contains(&u64::from(*port)))
            .map(|port| Reply::Text(port.to_string()))
            .ok_or_else(|| Error::with(Code(223), format!("every port from {} on is taken", self.first)))
    }
}

fn number(value: &serde_json::Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

fn parse(line: &Line<'_>) -> Parsed {
    let words: Vec<&str> = line.arguments().iter().map(|word| word.text.as_str()).collect();
    let wrong =
        || Error::with(Code::STRUCTURE, "write: get unused tcp/rest/msg port for master/operator/publisher/query");
    let [service, "port", "for", kind] = words.as_slice() else { return Err(wrong()) };
    let at = ["tcp", "rest", "msg"].iter().position(|name| name == service).ok_or_else(wrong)?;
    let (kind, ports) = FIRST.into_iter().find(|(name, _)| name == kind).ok_or_else(wrong)?;
    let (first, attribute) = ports.into_iter().zip(ATTRIBUTES).nth(at).ok_or_else(wrong)?;
    parsed(UnusedPort { kind, first, attribute })
}

/// Rows of the command table.
pub const ENTRIES: &[Entry] = &[Entry::read(
    "get unused",
    parse,
    Help {
        usage: "get unused tcp/rest/msg port for master/operator/publisher/query",
        text: "Tells a port for a new node on this machine that no policy of its type has taken.",
        examples: &["get unused tcp port for master", "port = get unused rest port for operator"],
        index: &["network", "node info"],
    },
)];
