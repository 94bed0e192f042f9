//! `get network databases`: the databases that table policies name.

use crate::{
    command::{
        engine::{Command, Entry, Line, Parsed, options::options, parsed},
        network::data::{
            held_tables::{TableFilter, text_of},
            question::question,
        },
    },
    ledger::View,
    node::{Node, Session},
    reply::{Error, Reply, Table},
    script::Key,
};
use async_trait::async_trait;
use indexmap::IndexMap;
use serde_json::json;
use std::sync::Arc;

/// Whose databases are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
struct NetworkDatabases {
    company: Option<String>,
}

#[async_trait]
impl Command for NetworkDatabases {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        Ok(reply(&node.ledger.view(), self.company.as_deref()))
    }
}

/// Answers `get network databases`: the databases of the table policies.
fn reply(view: &View, company: Option<&str>) -> Reply {
    let mut found: IndexMap<(String, String), ()> = IndexMap::new();
    let policies = view.of_type("table").filter_map(|entry| entry.policy());
    for policy in policies.filter(|policy| company.is_none_or(|name| policy.has("company", name))) {
        let dbms = text_of(&policy, "dbms");
        let split = dbms.split_once('.').filter(|(company, name)| !company.is_empty() && !name.is_empty());
        let (owner, name) = split.map_or(("N/A", dbms.as_str()), |parts| parts);
        found.insert((owner.to_owned(), name.to_owned()), ());
    }
    if found.is_empty() {
        return Reply::Text("No Table policies".to_owned());
    }
    let rows = found.into_keys().map(|(company, dbms)| vec![json!(company), json!(dbms)]).collect();
    Reply::Table(Table::new(["Company", "DBMS"], rows))
}

fn parse(line: &Line<'_>) -> Parsed {
    let arguments = options(line, &[Key::text("company")])?;
    parsed(NetworkDatabases { company: TableFilter::from_arguments(&arguments).company })
}

/// The command of this file.
pub(super) const ENTRY: Entry = question(
    "get network databases",
    parse,
    "get network databases [where company = X]",
    "Lists the databases that table policies name.",
    &["get network databases"],
);
