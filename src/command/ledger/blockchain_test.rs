//! `blockchain test`: whether members accept the ledger (reference/ledger 3.6).

use crate::{
    command::engine::{
        Access, Behind, Command, Entry, Exchange, Help, Line, Parsed, Traits, Verbs, options::nothing_more, parsed,
    },
    ledger::View,
    node::{Node, Session, caller_address},
    policy::{Known, Policy, rules::Structure},
    reply::{Code, Error, Reply},
};
use async_trait::async_trait;
use serde_json::Value;
use std::sync::Arc;

/// A test of the policies.
#[derive(Clone, Debug, PartialEq)]
pub enum BlockchainTest {
    /// `blockchain test`; assigned it gives `true` or `false`.
    All {
        /// Whether the result is assigned.
        assigned: bool,
    },
    /// `blockchain test id ID`.
    Id(String),
    /// `blockchain test cluster`.
    Clusters,
}

pub const ENTRIES: &[Entry] = &[
    Entry::read(
        "blockchain test",
        all,
        Help {
            usage: "blockchain test",
            text: "Tests that every policy has what members demand of it, and that no two of them clash.",
            examples: &["blockchain test", "is_fine = blockchain test"],
            index: &["blockchain", "metadata", "monitor"],
        },
    )
    .reaching(Access::ReadLedger)
    .with(Traits::QUESTION.carried_by(Verbs::Post).over_tcp(Exchange::LedgerEcho)),
    Entry::read(
        "blockchain test id",
        id,
        Help {
            usage: "blockchain test id [policy id]",
            text: "Tells whether the ledger has a policy with this id.",
            examples: &["blockchain test id e46e40aa41d6a6984e302cd3d2f96086"],
            index: &["blockchain", "metadata", "monitor"],
        },
    )
    .reaching(Access::ReadLedger)
    .with(Traits::QUESTION.carried_by(Verbs::Post).over_tcp(Exchange::LedgerEcho))
    .before(Behind::PolicyId),
    Entry::read(
        "blockchain test cluster",
        clusters,
        Help {
            usage: "blockchain test cluster",
            text: "Tests the structure of the cluster policies.",
            examples: &["blockchain test cluster"],
            index: &["blockchain", "metadata", "monitor"],
        },
    )
    .reaching(Access::ReadLedger)
    .with(Traits::QUESTION.carried_by(Verbs::Post).over_tcp(Exchange::LedgerEcho)),
];

fn all(line: &Line<'_>) -> Parsed {
    nothing_more(line)?;
    parsed(BlockchainTest::All { assigned: line.assigned.is_some() })
}

fn id(line: &Line<'_>) -> Parsed {
    let [word] = line.arguments() else {
        return Err(Error::with(Code::STRUCTURE, "write: blockchain test id ID"));
    };
    let id = crate::script::resolve(word, line.scope).into_text();
    parsed(BlockchainTest::Id(id))
}

fn clusters(line: &Line<'_>) -> Parsed {
    nothing_more(line)?;
    parsed(BlockchainTest::Clusters)
}

#[async_trait]
impl Command for BlockchainTest {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        let view = node.ledger.view();
        // All policies of the ledger, or of a type, are read: nobody else waits for that.
        let caller = caller_address(session);
        match *self {
            Self::All { assigned } => {
                let outcome = node.queries.apart(caller, move || whole(&*view)).await?;
                match (outcome, assigned) {
                    (outcome, true) => Ok(Reply::Text(outcome.is_ok().to_string())),
                    (Ok(()), false) => Ok(Reply::Text("Blockchain file status: OK".to_owned())),
                    (Err(error), false) => Err(error),
                }
            }
            Self::Id(id) => Ok(Reply::Text(Known::by_id(&*view, &id).is_some().to_string())),
            Self::Clusters => node.queries.apart(caller, move || clusters_status(&view)).await?.map(Reply::Text),
        }
    }
}

/// Says what is wrong with the first cluster that has a fault, or that all are well.
fn clusters_status(view: &View) -> Result<String, Error> {
    let mut clusters = Known::of_type(view, "cluster").peekable();
    if clusters.peek().is_none() {
        return Err(Error::with(Code::POLICY_NOT_AVAILABLE, "no cluster policy is in the ledger"));
    }
    let wrong = clusters.find_map(|cluster| fault(&cluster));
    Ok(wrong.unwrap_or_else(|| "Blockchain cluster policies status: OK".to_owned()))
}

fn whole(known: &dyn Known) -> Result<(), Error> {
    let mut policies = known.all().peekable();
    if policies.peek().is_none() {
        return Err(Error::with(Code::EMPTY_LOCAL_FILE, "the ledger has no policies"));
    }
    let mut structure = Structure::default();
    for policy in policies {
        structure.add(&policy).map_err(|error| Error::with(Code::WRONG_BLOCKCHAIN, error.to_string()))?;
    }
    Ok(())
}

/// What the status of a cluster and of its tables can be.
const STATUS: [&str; 3] = ["active", "static", "down"];

/// Returns what is wrong with a cluster policy.
fn fault(cluster: &Policy) -> Option<String> {
    let id = cluster.id().unwrap_or_default();
    let missing =
        |what: &str, key: &str| Some(format!("Cluster {id}: Missing {what} in 'cluster' policy - key: {key}"));
    if id.is_empty() {
        return missing("ID", "[cluster][id]");
    }
    if cluster.text("name").is_none_or(str::is_empty) {
        return Some(format!("Missing name in 'cluster' policy '{id}'"));
    }
    let status = |value: Option<&Value>, key: &str| match value {
        None => None,
        Some(value) if value.as_str().is_some_and(|status| STATUS.contains(&status)) => None,
        Some(_) => Some(format!("Cluster {id}: Wrong status in 'cluster' policy - key: {key}")),
    };
    if let Some(wrong) = status(cluster.get("status"), "[cluster][status]") {
        return Some(wrong);
    }
    match cluster.get("table") {
        None => None,
        Some(Value::Array(tables)) => tables.iter().find_map(|table| {
            let part = |key: &str| table.get(key).is_some_and(Value::is_string);
            match (part("name"), part("dbms")) {
                (false, _) => missing("table name", "[cluster][table][name]"),
                (_, false) => missing("dbms name", "[cluster][table][dbms]"),
                _ => status(table.get("status"), "[cluster][table][status]"),
            }
        }),
        Some(_) => {
            Some(format!("Cluster {id}: Table declaration in 'cluster' policy is not a list - key: [cluster][table]"))
        }
    }
}
