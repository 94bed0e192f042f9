//! `blockchain prepare policy`, `blockchain insert`, `blockchain add` (reference/ledger 2.1, 6.1).

use crate::{
    command::{
        engine::{
            Command, Entry, Exchange, Help, Line, Parsed, Traits, options::options, parsed, policies as arguments,
        },
        ledger::{caller, mapping_scripts, push, this_node},
    },
    ledger::{self, Change, OnDuplicate, PolicyCheck, PolicyInsert, Written},
    node::{Node, Origin, Session, platforms::ChainChange, variables},
    policy::{Policy, json, rules},
    reply::{Code, Error, Notice, Reply},
    runtime::{clock, random::any_number},
    script::{Key, Resolved},
};
use anylog_values::Address;
use async_trait::async_trait;
use std::sync::Arc;

/// A command that gives policies to this node.
#[derive(Clone, Debug, PartialEq)]
pub enum InsertPolicy {
    /// `blockchain prepare policy`: id and date; the variable that it came from gets the result.
    Prepare {
        /// The policy.
        policy: Policy,
        /// Name of the variable.
        variable: Option<String>,
    },
    /// `blockchain insert`.
    Publish {
        /// The policy.
        policy: Policy,
        /// Where it goes.
        to: InsertPlaces,
    },
    /// `blockchain add`.
    Add(Vec<Policy>),
}

/// Where an inserted policy goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InsertPlaces {
    local: bool,
    masters: Vec<Address>,
    platforms: Vec<String>,
}

pub const ENTRIES: &[Entry] = &[
    Entry::publishes(
        "blockchain prepare policy",
        prepare,
        Help {
            usage: "blockchain prepare policy [!variable]",
            text: "Adds id and date to the policy in a variable.",
            examples: &["blockchain prepare policy !new_policy"],
            index: &["blockchain", "metadata"],
        },
    )
    .not_for_peers(),
    Entry::publishes(
        "blockchain insert",
        insert,
        Help {
            usage: "blockchain insert where policy = [policy] and local = [true/false] and master = [ip:port] [and blockchain = [platform]]",
            text: "Validates a policy and adds it to the local copy, to the ledger of each master, and to the contract of each platform.",
            examples: &[
                "blockchain insert where policy = !new_policy and local = true and master = !ledger_conn",
                "blockchain insert where policy = !new_policy and local = false and master = 10.0.0.5:32048",
            ],
            index: &["blockchain", "metadata"],
        },
    )
    .with(Traits::CHANGE.over_tcp(Exchange::LedgerChange).staying())
    .not_for_peers(),
    Entry::publishes(
        "blockchain add",
        add,
        Help {
            usage: "blockchain add [policy]",
            text: "Validates a policy, or a list of them, and adds it to the local copy only.",
            examples: &["blockchain add !new_policy"],
            index: &["blockchain", "metadata"],
        },
    )
    .not_for_peers(),
];

/// The entry of `blockchain insert`.
pub(super) const INSERT_ENTRY: &Entry = match ENTRIES {
    [_, insert, ..] => insert,
    _ => unreachable!(),
};

fn prepare(line: &Line<'_>) -> Parsed {
    let word = arguments::only_word(line)?;
    let policy = arguments::read_policy(&arguments::policy_text(word, line.scope))?;
    let variable = word.text.strip_prefix('!').map(str::to_owned);
    parsed(InsertPolicy::Prepare { policy, variable })
}

const INSERT: &[Key] = &[
    Key::text("policy").required(),
    Key::bool("local"),
    Key::address("master").many(),
    Key::text("blockchain").many(),
];

fn insert(line: &Line<'_>) -> Parsed {
    let arguments = options(line, INSERT)?;
    let texts = |key: &str| arguments.texts(key).map(str::to_owned).collect::<Vec<_>>();
    let to = InsertPlaces {
        local: arguments.bool("local").unwrap_or(true),
        masters: arguments.addresses("master").collect(),
        platforms: texts("blockchain"),
    };
    if arguments.bool("local").is_none() && to.masters.is_empty() && to.platforms.is_empty() {
        return Err(Error::with(Code::STRUCTURE, "say where the policy goes: local = true, master = ip:port or both"));
    }
    let text = crate::script::fill(arguments.text("policy").unwrap_or_default(), line.scope);
    let value = json::parse_lenient(&text).map_err(|error| {
        arguments::undefined(&text, Code::STRUCTURE)
            .unwrap_or_else(|| arguments::unreadable(error, |reason| Error::with(Code::STRUCTURE, reason)))
    })?;
    let single = value.as_object().is_some_and(|object| object.len() == 1);
    let policy = Policy::from_value(value).map_err(|error| {
        let code = if single || !text.trim_start().starts_with(['{', '\'']) {
            Code::STRUCTURE
        } else {
            Code::POLICY_STRUCTURE
        };
        Error::with(code, error.to_string())
    })?;
    parsed(InsertPolicy::Publish { policy, to })
}

fn add(line: &Line<'_>) -> Parsed {
    let policies = arguments::policy_list(&arguments::policy_text(arguments::only_word(line)?, line.scope))?;
    parsed(InsertPolicy::Add(policies))
}

#[async_trait]
impl Command for InsertPolicy {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        match *self {
            Self::Prepare { mut policy, variable } => {
                policy.prepare(&clock::policy_date())?;
                if let Some(variable) = variable {
                    variables::store(node, session, &variable, Resolved::Text(policy.stored_text()))?;
                }
            }
            Self::Publish { mut policy, to } => {
                policy.prepare(&clock::policy_date())?;
                mapping_scripts::check(&policy, &*node.commands)?;
                let id = policy.id();
                to.publish(node, session, policy).await?;
                tell(node, session, id);
            }
            Self::Add(policies) => {
                for mut policy in policies {
                    policy.prepare(&clock::policy_date())?;
                    mapping_scripts::check(&policy, &*node.commands)?;
                    let id = policy.id();
                    add_local(node, session, policy, PolicyCheck::Added).await?;
                    tell(node, session, id);
                }
            }
        }
        Ok(Reply::Empty)
    }
}

/// Tells people at a terminal that their policy is there, because the command answers nothing.
fn tell(node: &Node, session: &Session, id: Option<String>) {
    let view = node.ledger.view();
    if let Some(id) = id.filter(|id| session.origin == Origin::Prompt && view.by_id(id).is_some()) {
        session.output.done(&Notice::Line(format!("policy {id} is there now, {} in all", view.len())));
    }
}

async fn add_local(node: &Node, session: &Session, policy: Policy, check: PolicyCheck) -> Result<Written, Error> {
    node.open_local_file().await?;
    let change = Change::InsertLocal { policy, check };
    Ok(caller::write(node, session, change).await?)
}

/// Adds the policy to the contract of a platform.
async fn to_platform(node: &Node, policy: &Policy, platform: &str) -> Result<(), Error> {
    let (id, text) = (policy.id().unwrap_or_default(), policy.stored_text());
    node.platforms.named(platform)?.carry_out(&ChainChange::Insert { id, text }).await?;
    Ok(())
}

impl InsertPlaces {
    /// Adds the policy here, then to every master; once it is here, a master that fails is only told in the log.
    async fn publish(&self, node: &Arc<Node>, session: &Session, mut policy: Policy) -> Result<(), Error> {
        let mut masters = self.masters.clone();
        if let Some(complete) = self.publish_here(node, session, &policy).await? {
            policy = complete;
            masters.retain(|master| !node.is_own_address(master));
        } else if self.local {
            let written = add_local(node, session, policy.clone(), PolicyCheck::Local).await?;
            if let Some(complete) = written.entries.first().and_then(|entry| entry.policy()) {
                policy = complete;
            }
        } else {
            rules::check(&mut policy, &*node.ledger.view(), any_number)?;
        }
        policy.set_ledger("global");
        for master in &masters {
            let outcome = push::to_master(node, session, &policy, master).await;
            self.warn_once_local(node, session, outcome, &master.to_string())?;
        }
        for platform in &self.platforms {
            let outcome = to_platform(node, &policy, platform).await;
            self.warn_once_local(node, session, outcome, platform)?;
        }
        Ok(())
    }

    /// Adds the policy to the ledger of this node when it is one of the masters: one transaction, one row. Nothing
    /// when it is not, or when the database is away and the local copy keeps the policy for it.
    async fn publish_here(&self, node: &Node, session: &Session, policy: &Policy) -> Result<Option<Policy>, Error> {
        if !node.ledger.is_attached() || !self.masters.iter().any(|master| node.is_own_address(master)) {
            return Ok(None);
        }
        let (policy, host) = (policy.clone(), this_node::own_host(node));
        let insert = PolicyInsert { policy, host, on_duplicate: OnDuplicate::Refuse, check: PolicyCheck::Publish };
        let change = if self.local { Change::Publish(insert) } else { Change::Insert(insert) };
        match caller::write(node, session, change).await {
            Ok(written) => Ok(written.entries.first().and_then(|entry| entry.policy())),
            Err(ledger::Error::Unavailable(_) | ledger::Error::Busy) if self.local => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes a warning of an error when the policy is in the local copy all the same.
    fn warn_once_local(
        &self,
        node: &Node,
        session: &Session,
        outcome: Result<(), Error>,
        place: &str,
    ) -> Result<(), Error> {
        match outcome {
            Err(error) if self.local => {
                let text = format!("the policy is in the local copy, {place} did not take it yet: {error}");
                node.events.warning(&session.thread, &text);
                Ok(())
            }
            outcome => outcome,
        }
    }
}
