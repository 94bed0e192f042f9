//! `blockchain commit`, `blockchain update to`: changes of the contract that somebody asks for (reference/ledger 12.2).

use crate::{
    command::engine::{Command, Entry, Exchange, Help, Line, Parsed, Traits, options::resolved, parsed, policies},
    node::{Node, Session, platforms::ChainChange},
    policy::{Policy, rules},
    reply::{Code, Error, Reply},
    runtime::{clock, random::any_number},
};
use async_trait::async_trait;
use std::sync::Arc;

/// A change of the contract.
#[derive(Debug)]
enum PlatformChange {
    /// `blockchain commit to`.
    Commit {
        /// The platform.
        platform: String,
        /// The policy.
        policy: Policy,
    },
    /// `blockchain update to`.
    Update {
        /// The platform.
        platform: String,
        /// Id of the policy.
        id: String,
        /// Its new content.
        policy: Policy,
    },
}

#[async_trait]
impl Command for PlatformChange {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        let (platform, change) = match *self {
            Self::Commit { platform, mut policy } => {
                policy.prepare(&clock::policy_date())?;
                rules::check(&mut policy, &*node.ledger.view(), any_number)?;
                let (id, text) = (policy.id().unwrap_or_default(), policy.stored_text());
                (platform, ChainChange::Insert { id, text })
            }
            Self::Update { platform, id, mut policy } => {
                match policy.id() {
                    None => policy.set("id", id.clone()),
                    Some(own) if own == id => {}
                    Some(own) => {
                        let detail = format!("the policy has the id '{own}', not '{id}'");
                        return Err(Error::with(Code::ID_MISMATCH, detail));
                    }
                }
                policy.prepare(&clock::policy_date())?;
                let text = policy.stored_text();
                (platform, ChainChange::Update { id, text })
            }
        };
        node.platforms.named(&platform)?.carry_out(&change).await?;
        Ok(Reply::Empty)
    }
}

fn parse_commit(line: &Line<'_>) -> Parsed {
    let [to, platform, policy] = line.arguments() else {
        return Err(Error::with(Code::STRUCTURE, "write: blockchain commit to PLATFORM POLICY"));
    };
    if !to.is("to") {
        return Err(Error::with(Code::STRUCTURE, format!("'to' is expected at '{}'", to.text)));
    }
    let policy = policies::one_policy(&policies::policy_text(policy, line.scope))?;
    parsed(PlatformChange::Commit { platform: resolved(line, &platform.text), policy })
}

fn parse_update(line: &Line<'_>) -> Parsed {
    let [platform, id, policy] = line.arguments() else {
        return Err(Error::with(Code::STRUCTURE, "write: blockchain update to PLATFORM ID POLICY"));
    };
    let policy = policies::one_policy(&policies::policy_text(policy, line.scope))?;
    let (platform, id) = (resolved(line, &platform.text), resolved(line, &id.text));
    parsed(PlatformChange::Update { platform, id, policy })
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[
    Entry::change(
        "blockchain commit",
        parse_commit,
        Help {
            usage: "blockchain commit to [platform] [policy]",
            text: "Validates a policy and adds it to the contract of a platform; returns when a block has it.",
            examples: &["blockchain commit to optimism !policy"],
            index: &["blockchain"],
        },
    )
    .with(Traits::CHANGE.over_tcp(Exchange::LedgerChange))
    .not_for_peers(),
    Entry::change(
        "blockchain update to",
        parse_update,
        Help {
            usage: "blockchain update to [platform] [id] [policy]",
            text: "Gives a policy of the contract new content; the account that added it alone may. A policy without id gets this one.",
            examples: &["blockchain update to optimism 5 !policy"],
            index: &["blockchain"],
        },
    )
    .with(Traits::CHANGE.over_tcp(Exchange::LedgerChange))
    .not_for_peers(),
];
