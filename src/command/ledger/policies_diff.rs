//! `get policies diff`: what differs between two policies (reference/ledger 6).

use crate::{
    command::engine::{Access, Command, Entry, Help, Line, Parsed, parsed},
    node::{Node, Session},
    policy::{Policy, json},
    reply::{Code, Error, Reply},
    script::{Scope, Word, fill, resolve},
};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::sync::Arc;

/// Two lists of policies to compare one by one.
#[derive(Clone, Debug, PartialEq)]
pub struct PoliciesDiff {
    pairs: Vec<(Policy, Policy)>,
}

pub const ENTRIES: &[Entry] = &[Entry::read(
    "get policies diff",
    parse,
    Help {
        usage: "get policies diff [policy] [policy]",
        text: "Shows which attributes only one of two policies has, and which have different values.",
        examples: &["get policies diff !policy_1 !policy_2"],
        index: &["metadata"],
    },
)
.reaching(Access::ReadLedger)];

fn parse(line: &Line<'_>) -> Parsed {
    let [one, other] = line.arguments() else {
        return Err(Error::with(Code::STRUCTURE, "write: get policies diff !policy_1 !policy_2"));
    };
    let pairs = policies(one, line.scope)?.into_iter().zip(policies(other, line.scope)?).collect();
    parsed(PoliciesDiff { pairs })
}

fn policies(word: &Word, scope: &dyn Scope) -> Result<Vec<Policy>, Error> {
    let text = fill(&resolve(word, scope).into_text(), scope);
    let values = match json::parse_lenient(&text)? {
        Value::Array(list) => list,
        value => vec![value],
    };
    values.into_iter().map(|value| Policy::from_value(value).map_err(Error::from)).collect()
}

#[async_trait]
impl Command for PoliciesDiff {
    async fn run(self: Box<Self>, _node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        let sections = self.pairs.iter().enumerate().flat_map(|(at, (one, other))| {
            [Reply::Text(format!("Compare #{}", at + 1)), Reply::Indented(difference(one, other))]
        });
        Ok(Reply::Sections(sections.collect()))
    }
}

fn difference(one: &Policy, other: &Policy) -> Value {
    let missing = |from: &Policy, to: &Policy| -> Value {
        from.body().keys().filter(|key| to.get(key).is_none()).map(|key| json!(key)).collect()
    };
    let differing = one.body().iter().filter_map(|(key, value)| {
        let second = other.get(key)?;
        (second != value).then(|| json!([key, value, second]))
    });
    json!({
        "keys_only_in_policy1": missing(one, other),
        "keys_only_in_policy2": missing(other, one),
        "different_values": differing.collect::<Value>(),
    })
}
