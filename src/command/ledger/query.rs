//! `blockchain get`, `blockchain read`, `blockchain query metadata`: what the policies say (reference/ledger 7).

use crate::{
    command::{
        engine::{
            Access, Behind, Built, Command, Entry, Exchange, Help, Line, Parsed, Traits, Verbs, options::nothing_more,
            parsed,
        },
        ledger::{as_of, this_node},
    },
    ledger::View,
    node::{Node, Question, Session},
    policy::{Known, Policy},
    query::{self, Budget, Exhausted, Output},
    reply::{Code, Error, Lines, Reply},
    script::{NoVariables, Word},
};
use async_trait::async_trait;
use serde_json::Value;
use std::{collections::HashMap, sync::Arc};

/// A question about the policies.
#[derive(Clone, Debug, PartialEq)]
pub enum ReadPolicies {
    /// `blockchain get …`.
    Get(Asked),
    /// `blockchain read …`: without the overlays of `anmp` policies.
    Read(Asked),
    /// `blockchain get … as of TIME`: the ledger as it was then.
    Past(Asked, String),
    /// `blockchain query metadata`.
    Metadata,
}

/// A parsed query.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    query: query::Query,
    assigned: bool,
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[
    Entry::read(
        "blockchain get",
        get,
        Help {
            usage: "blockchain get [policy type] [where] [attribute name value pairs] [bring] [bring command variables]",
            text: "Returns policies of one type, of several as (type,type), of all as *. Conditions are key = value, key with value, or comparisons of paths like [port] > 2048.int; bring shows single values.\nBehind the conditions join (query) and merge (query) put policies together; 'as of 2026-11-21T07:00:00Z' returns the ledger of that moment.",
            examples: &[
                "blockchain get *",
                "blockchain get operator where dbms = lsl_demo",
                "blockchain get cluster where table[dbms] = purpleair and table[name] = air_data bring [cluster][id] separator = ,",
                "blockchain get operator bring.table [*] [*][name] [*][ip] [*][port]",
                "blockchain get * bring.table.unique [*]",
                "blockchain get root policies",
            ],
            index: &["blockchain"],
        },
    ).reaching(Access::ReadLedger)
    .with(Traits::QUESTION.carried_by(Verbs::Both).over_tcp(Exchange::LedgerQuery).before(Behind::PolicyType).cacheable()),
    Entry::read(
        "blockchain read",
        read,
        Help {
            usage: "blockchain read [type/*/(type,type)] [where conditions] [bring…]",
            text: "Returns policies as they are stored, without the attributes that anmp policies put over them.",
            examples: &["blockchain read operator", "blockchain read * bring.count"],
            index: &["blockchain", "metadata", "query"],
        },
    ).reaching(Access::ReadLedger)
    .with(Traits::QUESTION.carried_by(Verbs::Both).over_tcp(Exchange::LedgerEcho).before(Behind::PolicyType)),
    Entry::read(
        "blockchain query metadata",
        metadata,
        Help {
            usage: "blockchain query metadata",
            text: "Shows which tables of which databases are served by which clusters and operators.",
            examples: &["blockchain query metadata"],
            index: &["blockchain", "metadata"],
        },
    ).reaching(Access::ReadLedger)
    .with(Traits::CHANGE.over_tcp(Exchange::LedgerEcho)),
];

/// The entry of `blockchain get`.
pub(super) const GET: &Entry = match ENTRIES {
    [get, ..] => get,
    [] => unreachable!(),
};

/// Asks for the policies of a type, which is one word.
///
/// # Errors
/// When no query can be made of the word.
pub fn policies_of_type(policy_type: &str) -> Result<Built, Error> {
    let query = query::Query::parse(&[Word::plain(policy_type)], &NoVariables)?;
    Ok(Built::new(GET, ReadPolicies::Get(Asked { query, assigned: false })))
}

/// Tells whether an entry is a question about policies, whose answer is what the policies say.
#[must_use]
pub fn asks_for_policies(entry: &Entry) -> bool {
    ENTRIES.iter().any(|own| own.words == entry.words)
}

fn get(line: &Line<'_>) -> Parsed {
    let words = line.arguments();
    let past =
        words.windows(3).rposition(|three| matches!(three, [first, second, _] if first.is("as") && second.is("of")));
    if let Some((asked, [_, _, time, behind @ ..])) = past.map(|at| words.split_at(at)) {
        let query = query::Query::parse(&[asked, behind].concat(), line.scope)?;
        let time = as_of::policy_date(&crate::script::resolve(time, line.scope).into_text())?;
        return command(ReadPolicies::Past(Asked { query, assigned: line.assigned.is_some() }, time));
    }
    command(ReadPolicies::Get(asked(line)?))
}

fn read(line: &Line<'_>) -> Parsed {
    command(ReadPolicies::Read(asked(line)?))
}

fn metadata(line: &Line<'_>) -> Parsed {
    nothing_more(line)?;
    command(ReadPolicies::Metadata)
}

fn command(query: ReadPolicies) -> Parsed {
    parsed(query)
}

fn asked(line: &Line<'_>) -> Result<Asked, Error> {
    if line.arguments().is_empty() {
        return Err(Error::with(Code::STRUCTURE, "a policy type or '*' is expected: blockchain get master"));
    }
    Ok(Asked { query: query::Query::parse(line.arguments(), line.scope)?, assigned: line.assigned.is_some() })
}

#[async_trait]
impl Command for ReadPolicies {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        match *self {
            Self::Get(asked) => asked.reply(node, session, |question| question).await,
            Self::Read(asked) => asked.reply(node, session, |question| Question { overlaid: false, ..question }).await,
            Self::Past(asked, time) => {
                let policies = Arc::new(Box::pin(as_of::policies(node, session, &time)).await?);
                asked.reply(node, session, |question| Question { policies, ..question }).await
            }
            Self::Metadata => {
                let view = node.ledger.view();
                let lines = node.queries.answer(session, move |budget| Ok(distribution(&view, budget)?)).await?;
                Ok(Reply::Lines(Lines::between(lines)))
            }
        }
    }

    fn reads_policies_alone(&self) -> bool {
        matches!(self, Self::Get(asked) if asked.query.reads_policies_alone())
    }
}

impl Asked {
    /// Asks, and returns the reply; an empty result removes the key that it is assigned to.
    async fn reply(
        self,
        node: &Node,
        session: &Session,
        to: impl FnOnce(Question) -> Question,
    ) -> Result<Reply, Error> {
        let assigned = self.assigned;
        let reply = move |output: Output| if assigned && output.is_empty() { Reply::Empty } else { output.into() };
        node.queries.ask(session, to(this_node::question(node, self.query)), reply).await
    }
}

/// Returns one line per table and operator: company, database, table, cluster, member number and address.
fn distribution(view: &View, budget: &Budget<'_>) -> Result<Vec<String>, Exhausted> {
    let mut lines = Vec::new();
    let mut add = |line: String| {
        budget.keep_row()?;
        budget.keep(line.len() * 2)?;
        lines.push(line);
        Ok(())
    };
    // The operators of a cluster stand behind each of its tables.
    let mut serving: HashMap<String, Vec<String>> = HashMap::new();
    for cluster in Known::of_type(view, "cluster") {
        let Some(Value::Array(tables)) = cluster.get("table") else { continue };
        let parent = cluster.text("parent").map(str::to_owned).or_else(|| cluster.id()).unwrap_or_default();
        for table in tables {
            budget.work(1)?;
            let part = |key: &str| table.get(key).and_then(Value::as_str).unwrap_or_default();
            let company = cluster.text("company").unwrap_or_default();
            let name = cluster.text("name").unwrap_or_default();
            let place = format!("{company} ==> {} ==> {} ==> {parent} ({name})", part("dbms"), part("name"));
            let found = || Known::serving(view, &parent).map(|policy| operator(&policy)).collect();
            let operators = serving.entry(parent.clone()).or_insert_with(found);
            if operators.is_empty() {
                add(place.clone())?;
            }
            operators.iter().try_for_each(|operator| add(format!("{place} ==> {operator}")))?;
        }
    }
    Ok(lines)
}

fn operator(policy: &Policy) -> String {
    let number = policy.get("member").and_then(Value::as_u64).unwrap_or_default();
    let port = policy.get("port").map(ToString::to_string).unwrap_or_default();
    format!("[{number:04}] {}:{port}", policy.text("ip").unwrap_or_default())
}
