//! `create policy`: a policy from a list of keys and values (reference/command-language 8.4).

use crate::{
    command::engine::{Access, Behind, Command, Entry, Help, Line, Parsed, Traits, parsed},
    node::{Node, Session},
    policy::{Policy, rules},
    reply::{Code, Error, Reply},
    runtime::random::any_number,
    script::{Resolved, pairs, resolve},
};
use async_trait::async_trait;
use serde_json::{Map, Value, json};
use std::{collections::HashSet, mem::discriminant, sync::Arc};

/// A policy in the making.
#[derive(Clone, Debug, PartialEq)]
pub struct CreatePolicy {
    kind: String,
    body: Map<String, Value>,
    defaults: bool,
}

pub const ENTRIES: &[Entry] = &[Entry {
    access: Access::Publish,
    opens_secrets: false,
    assigns: true,
    ..Entry::change(
        "create policy",
        parse,
        Help {
            usage: "create policy [policy type] [with defaults] where [key value pairs]",
            text: "Makes a policy of a type. Values are text unless a reference asks for a type (!port.int); with defaults the addresses and ports that the type usually has are added and the rules of the type are checked.",
            examples: &["create policy master with defaults where company = my_company and country = my_country"],
            index: &["cli", "script"],
        },
    )
    .at_least(5)
    .with(Traits::CHANGE.before(Behind::PolicyType))
}];

fn parse(line: &Line<'_>) -> Parsed {
    let (kind, defaults, rest) = match line.arguments() {
        [kind, with, defaults, rest @ ..] if with.is("with") && defaults.is("defaults") => (kind, true, rest),
        [_, with, ..] if with.is("with") => {
            return Err(Error::with(Code::STRUCTURE, "Missing 'defaults' in 'create policy' command"));
        }
        [kind, rest @ ..] => (kind, false, rest),
        [] => return Err(Error::with(Code::STRUCTURE, "a policy type is expected")),
    };
    let list = match rest {
        [] if defaults => Vec::new(),
        [word, list @ ..] if word.is("where") && list.len() >= 3 => once(pairs(list, line.scope)?)?,
        _ => {
            return Err(Error::with(
                Code::STRUCTURE,
                "Wrong structure to 'where condition' in 'create policy' command",
            ));
        }
    };
    let mut body = Map::new();
    for (key, value) in list {
        body.entry(key).or_insert_with(|| value.into_value());
    }
    let kind = resolve(kind, line.scope).into_text().to_lowercase();
    if defaults {
        complete(&kind, &mut body, |name| resolve(name, line.scope));
    }
    parsed(CreatePolicy { kind, body, defaults })
}

/// Refuses a key that comes twice with the same value: one of the two was meant to be something else.
fn once(list: Vec<(String, Resolved)>) -> Result<Vec<(String, Resolved)>, Error> {
    match repeated(&list) {
        None => Ok(list),
        Some((key, value)) => Err(Error::with(Code::STRUCTURE, format!("Duplicate key value pair: {key} : {value}"))),
    }
}

/// Returns the first pair that was there before; a number and the text of its digits are two values.
fn repeated(list: &[(String, Resolved)]) -> Option<&(String, Resolved)> {
    let mut seen = HashSet::with_capacity(list.len());
    list.iter().find(|(key, value)| !seen.insert((key.as_str(), discriminant(value), value.to_string())))
}

/// Adds what the type usually has.
fn complete(kind: &str, body: &mut Map<String, Value>, value: impl Fn(&str) -> Resolved) {
    let port: u16 = match kind {
        "master" => 32048,
        "operator" => 32148,
        "publisher" => 32248,
        "query" => 32348,
        "cluster" => {
            body.entry("status").or_insert_with(|| "active".into());
            return;
        }
        _ => return,
    };
    body.entry("ip").or_insert_with(|| value("!external_ip").into_value());
    body.entry("internal_ip").or_insert_with(|| value("!ip").into_value());
    body.entry("port").or_insert_with(|| json!(port));
    body.entry("rest_port").or_insert_with(|| json!(port + 1));
}

#[async_trait]
impl Command for CreatePolicy {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        let mut policy = Policy::new(self.kind, self.body);
        if self.defaults {
            rules::check(&mut policy, &*node.ledger.view(), any_number)?;
        }
        Ok(Reply::Value(policy.to_value()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_comes_once_and_many_pairs_cost_no_more_than_others() {
        let list = |values: Vec<Resolved>| values.into_iter().map(|value| ("a".to_owned(), value)).collect::<Vec<_>>();
        let text = |text: &str| Resolved::Text(text.to_owned());
        assert_eq!(once(list(vec![text("5"), Resolved::Int(5)])).unwrap().len(), 2);
        let twice = once(list(vec![text("x"), text("y"), text("x")])).unwrap_err();
        assert_eq!(twice.detail.as_deref(), Some("Duplicate key value pair: a : x"));
        // Each was compared with all before it: a line of two megabytes took minutes.
        let many = list((0..300_000).map(Resolved::Int).collect());
        assert_eq!(once(many).unwrap().len(), 300_000);
    }
}
