//! `blockchain wait`: until a policy has arrived (reference/ledger 6).

use crate::{
    command::{
        engine::{
            Access, Behind, Command, Entry, Exchange, Help, Line, Parsed, Traits, options::options, parsed,
            policies as arguments,
        },
        ledger::this_node,
    },
    node::{Node, Session, variables},
    policy::Known,
    query::Query,
    reply::{Code, Error, Reply},
    script::{Key, Resolved, Scope, words},
};
use async_trait::async_trait;
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, timeout_at};

/// Time that a policy gets besides one round of the synchroniser.
const GRACE: Duration = Duration::from_secs(15);

/// Something to wait for.
#[derive(Clone, Debug, PartialEq)]
pub struct BlockchainWait {
    awaited: AwaitedPolicy,
    /// Variable that gets the result.
    assigned: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
enum AwaitedPolicy {
    Id(String),
    Found(Box<Query>),
}

pub const ENTRIES: &[Entry] = &[Entry::read(
    "blockchain wait",
    parse,
    Help {
        usage: "blockchain wait where [policy = !policy / id = id / command = \"blockchain get …\"]",
        text: "Waits until the policy is in the ledger, at most one round of the synchroniser and 15 seconds. 'blockchain wait for !policy' is the same.",
        examples: &[
            "blockchain wait where policy = !new_policy",
            "is_there = blockchain wait where id = !policy_id",
            "blockchain wait where command = \"blockchain get cluster where name = c1\"",
        ],
        index: &["blockchain", "metadata", "script"],
    },
).reaching(Access::ReadLedger)
    .with(Traits::CHANGE.over_tcp(Exchange::LedgerChange).before(Behind::IdOption))];

fn parse(line: &Line<'_>) -> Parsed {
    let awaited = match line.arguments() {
        [word, policy] if word.is("for") => by_policy(&arguments::policy_text(policy, line.scope))?,
        _ => by_options(line)?,
    };
    parsed(BlockchainWait { awaited, assigned: line.assigned.map(str::to_owned) })
}

fn by_options(line: &Line<'_>) -> Result<AwaitedPolicy, Error> {
    let arguments = options(line, &[Key::text("policy"), Key::text("id"), Key::text("command")])?;
    match (arguments.text("policy"), arguments.text("id"), arguments.text("command")) {
        (Some(policy), None, None) => by_policy(&crate::script::fill(policy, line.scope)),
        (None, Some(id), None) => Ok(AwaitedPolicy::Id(id.to_owned())),
        (None, None, Some(command)) => by_command(command, line.scope),
        _ => Err(Error::with(
            Code::STRUCTURE,
            "write: blockchain wait where policy = !policy, or id = ID, or command = \"…\"",
        )),
    }
}

fn by_policy(text: &str) -> Result<AwaitedPolicy, Error> {
    let policy = arguments::read_policy(text)?;
    let without = || Error::with(Code::POLICY_STRUCTURE, "the policy has no id: run 'blockchain prepare policy' first");
    policy.id().map(AwaitedPolicy::Id).ok_or_else(without)
}

fn by_command(command: &str, scope: &dyn Scope) -> Result<AwaitedPolicy, Error> {
    match words(command)?.as_slice() {
        [first, second, query @ ..] if first.is("blockchain") && second.is("get") => {
            Ok(AwaitedPolicy::Found(Box::new(Query::parse(query, scope)?)))
        }
        _ => Err(Error::with(Code::STRUCTURE, format!("'blockchain get …' is expected, not '{command}'"))),
    }
}

#[async_trait]
impl Command for BlockchainWait {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        let stopping = node.shutdown.token();
        // Waiting may end at any point: it holds nothing.
        let (there, reason) = tokio::select! {
            there = self.arrival(node, session) => (there?, "the policy did not arrive in time"),
            () = stopping.cancelled() => (false, "the node is stopping, and the policy has not arrived yet"),
        };
        if let (false, Some(variable)) = (there, &self.assigned) {
            variables::store(node, session, variable, Resolved::Text("false".to_owned()))?;
        }
        match (there, self.assigned) {
            (true, Some(_)) => Ok(Reply::Text("true".to_owned())),
            (true, None) => Ok(Reply::Empty),
            (false, _) => Err(Error::with(Code::NOT_IN_LOCAL_FILE, reason)),
        }
    }
}

impl BlockchainWait {
    /// Waits for the policy and tells whether it came in time.
    async fn arrival(&self, node: &Node, session: &Session) -> Result<bool, Error> {
        let period = node.services.synchronizer.status().map_or(Duration::ZERO, |status| status.options.every);
        let limit = Instant::now() + period + GRACE;
        let mut changes = node.ledger.subscribe();
        loop {
            changes.mark_unchanged();
            if self.awaited.is_there(node, session).await? {
                return Ok(true);
            }
            if !matches!(timeout_at(limit, changes.changed()).await, Ok(Ok(()))) {
                return Ok(false);
            }
        }
    }
}

impl AwaitedPolicy {
    async fn is_there(&self, node: &Node, session: &Session) -> Result<bool, Error> {
        match self {
            Self::Id(id) => Ok(Known::by_id(&*node.ledger.view(), id).is_some()),
            Self::Found(query) => {
                let question = this_node::question(node, Query::clone(query));
                node.queries.ask(session, question, |found| !found.is_empty()).await
            }
        }
    }
}
