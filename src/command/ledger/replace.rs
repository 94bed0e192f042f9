//! `blockchain replace policy ID with POLICY` (reference/ledger 9.2).

use crate::{
    command::{
        engine::{Access, Behind, Command, Entry, Help, Line, Parsed, parsed, policies as arguments},
        ledger::{caller, mapping_scripts},
    },
    ledger::{Change, PolicyCheck},
    node::{Node, Origin, Session},
    policy::Policy,
    reply::{Code, Error, Reply},
    runtime::clock,
    script::resolve,
};
use async_trait::async_trait;
use std::sync::Arc;

/// A new text for a policy of the ledger.
#[derive(Clone, Debug, PartialEq)]
pub struct Replace {
    id: String,
    policy: Policy,
}

pub const ENTRIES: &[Entry] = &[Entry::publishes(
    "blockchain replace policy",
    parse,
    Help {
        usage: "blockchain replace policy [id] with [policy]",
        text: "Gives the policy with this id and the same type new content; id and place in the ledger stay.",
        examples: &["blockchain replace policy !policy_id with !new_policy"],
        index: &["blockchain", "metadata"],
    },
)
.reaching(Access::ChangeOwnPolicies)
.before(Behind::PolicyId)];

/// The entry of `blockchain replace policy`.
pub(super) const REPLACE: &Entry = match ENTRIES {
    [first, ..] => first,
    [] => unreachable!(),
};

fn parse(line: &Line<'_>) -> Parsed {
    let [id, with, policy] = line.arguments() else {
        return Err(Error::with(Code::STRUCTURE, "write: blockchain replace policy ID with POLICY"));
    };
    if !with.is("with") {
        return Err(Error::with(Code::STRUCTURE, format!("'with' is expected at '{}'", with.text)));
    }
    let id = resolve(id, line.scope).into_text();
    let text = arguments::policy_text(policy, line.scope);
    let policy = arguments::read_policy(&text)?;
    parsed(Replace { id, policy })
}

#[async_trait]
impl Command for Replace {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        let Self { id, mut policy } = *self;
        policy.prepare(&clock::policy_date())?;
        policy.set("id", id.clone());
        if !matches!(session.origin, Origin::Peer { .. }) {
            mapping_scripts::check(&policy, &*node.commands)?;
        }
        let change =
            Change::Replace { id, policy, host: caller::published_from(node, session), check: PolicyCheck::Rules };
        caller::write(node, session, change).await?;
        Ok(Reply::Empty)
    }
}
