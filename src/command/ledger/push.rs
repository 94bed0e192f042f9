//! `blockchain push`: policies that members send to the ledger (reference/ledger 6.2).

use crate::{
    command::{
        engine::{Command, Entry, Exchange, Help, Line, Parsed, Traits, parsed, policies as arguments},
        ledger::{caller, mapping_scripts, node_policy, this_node},
    },
    ledger::{self, Change, OnDuplicate, PolicyCheck, PolicyInsert, Written},
    node::{Node, Origin, RemoteChange, Session},
    policy::Policy,
    reply::{Code, Error, Reply},
    runtime::clock,
};
use anylog_values::{Address, host_and_port};
use async_trait::async_trait;
use std::sync::Arc;

/// A policy for the ledger.
#[derive(Clone, Debug, PartialEq)]
pub struct Push {
    policy: Policy,
    ignore: bool,
}

pub const ENTRIES: &[Entry] = &[Entry::publishes(
    "blockchain push",
    parse,
    Help {
        usage: "blockchain push [ignore] [policy]",
        text: "Adds a policy to the ledger of this master; with 'ignore' an id that is there already is no error.",
        examples: &["blockchain push !new_policy", "run client (10.0.0.5:32048) blockchain push !new_policy"],
        index: &["blockchain", "metadata"],
    },
)
.with(Traits::CHANGE.over_tcp(Exchange::PolicyPush))];

fn parse(line: &Line<'_>) -> Parsed {
    let (ignore, word) = match line.arguments() {
        [ignore, word] if ignore.is("ignore") => (true, word),
        _ => (false, arguments::only_word(line)?),
    };
    let policy = arguments::one_policy(&arguments::policy_text(word, line.scope))?;
    parsed(Push { policy, ignore })
}

#[async_trait]
impl Command for Push {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        let Self { mut policy, ignore } = *self;
        if let Origin::Peer { host, port, caller } = &session.origin {
            node.look_at_published(*caller, &host_and_port(host, &port.to_string()), &policy);
        }
        policy.prepare(&clock::policy_date())?;
        let member = matches!(session.origin, Origin::Peer { .. });
        if member && policy.is_local() {
            // Every member would take the policy for one of its own, and publish it again whenever somebody drops it.
            policy.set_ledger("global");
        }
        if !member {
            mapping_scripts::check(&policy, &*node.commands)?;
        }
        let check = if member { PolicyCheck::Structure } else { PolicyCheck::Rules };
        let on_duplicate = match (ignore, member) {
            (false, _) => OnDuplicate::Refuse,
            // Members send again what only their copy has, whether or not it was dropped meanwhile.
            (true, true) => OnDuplicate::IgnoreAndStayDropped,
            (true, false) => OnDuplicate::Ignore,
        };
        let id = policy.id().unwrap_or_default();
        let sent = node_policy::of(&policy);
        let insert = PolicyInsert { policy, host: caller::published_from(node, session), on_duplicate, check };
        let written = match add(node, session, insert).await {
            Ok(written) => written,
            Err(error) => {
                node_policy::refused(node, session, sent.as_deref(), &error);
                return Err(refusal(error));
            }
        };
        let stays_dropped = written.ignored && node.ledger.view().by_id(&id).is_none();
        if stays_dropped {
            tracing::info!(policy.id = %id, "a member sent a policy again that was dropped; it stays dropped");
        } else if sent.is_some() {
            node_policy::taken(node, session);
        }
        let outcome = match stays_dropped {
            true => "was dropped and stays so; push it without 'ignore' to add it again",
            false if ignore => "is in the ledger",
            false => "added",
        };
        // A person of a member node that waits for the answer reads this; nobody else needs it.
        Ok(if member { Reply::Text(format!("Policy {id} {outcome}")) } else { Reply::Empty })
    }
}

/// Adds a row to the ledger and creates the table when it is not there.
pub(super) async fn write(node: &Node, session: &Session, insert: PolicyInsert) -> Result<Written, Error> {
    add(node, session, insert).await.map_err(refusal)
}

async fn add(node: &Node, session: &Session, insert: PolicyInsert) -> Result<Written, ledger::Error> {
    let change = Change::Insert(insert);
    match caller::write(node, session, change.clone()).await {
        Err(ledger::Error::NoTable) => {
            node.ledger.create_table().await?;
            caller::write(node, session, change).await
        }
        outcome => outcome,
    }
}

fn refusal(error: ledger::Error) -> Error {
    match error {
        ledger::Error::Duplicate { .. } => Error::with(Code::BLOCKCHAIN_FAILED, error.to_string()),
        error => error.into(),
    }
}

/// Gives a policy to a master: to this node at once, to another one as a message.
pub(super) async fn to_master(node: &Node, session: &Session, policy: &Policy, master: &Address) -> Result<(), Error> {
    if node.is_own_address(master) {
        let (policy, host) = (policy.clone(), this_node::own_host(node));
        return write(
            node,
            session,
            PolicyInsert { policy, host, on_duplicate: OnDuplicate::Ignore, check: PolicyCheck::Structure },
        )
        .await
        .map(drop);
    }
    let change = RemoteChange::Push { policy: policy.stored_text(), ignore: false };
    node.services.peers.request_change(node, &master.to_string(), &change).await
}
