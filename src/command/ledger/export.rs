//! `blockchain export`: the rows of the ledger as files of policies hold them.

use crate::{
    command::engine::{Access, Command, Entry, Exchange, Help, Line, Parsed, Traits, Verbs, options::options, parsed},
    ledger::{LedgerEntry, Location},
    node::{Node, Session, caller_address},
    policy::ListedPolicy,
    reply::{Error, Reply},
    script::Key,
};
use async_trait::async_trait;
use std::sync::Arc;

/// Types to export; all of them when none is named.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ExportPolicies {
    types: Vec<String>,
}

/// The words of the command.
pub const EXPORT: &str = "blockchain export";

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[Entry::read(
    EXPORT,
    parse,
    Help {
        usage: "blockchain export [where type = type]",
        text: "Returns the policies of the ledger as they are stored, without the note where they are known and without what only the local copy has: 'blockchain apply' with the same list changes nothing.",
        examples: &["blockchain export", "blockchain export where type = operator and type = cluster"],
        index: &["blockchain", "metadata"],
    },
)
.reaching(Access::ReadLedger)
.with(Traits::QUESTION.carried_by(Verbs::Both).over_tcp(Exchange::Closed))
.not_for_peers()];

/// The entry of `blockchain export`.
pub(super) const EXPORT_ENTRY: &Entry = match ENTRIES {
    [first, ..] => first,
    [] => unreachable!(),
};

fn parse(line: &Line<'_>) -> Parsed {
    let arguments = options(line, &[Key::text("type").many()])?;
    parsed(ExportPolicies { types: arguments.texts("type").map(str::to_owned).collect() })
}

#[async_trait]
impl Command for ExportPolicies {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        let view = node.ledger.view();
        let caller = caller_address(session);
        let policies = node.queries.apart(caller, move || {
            let is_wanted = |entry: &&Arc<LedgerEntry>| {
                entry.location == Location::Table
                    && (self.types.is_empty() || self.types.iter().any(|kind| **kind == *entry.kind))
            };
            view.iter().filter(is_wanted).filter_map(|entry| without_ledger(entry)).collect()
        });
        Ok(Reply::Policies(policies.await?))
    }
}

fn without_ledger(entry: &LedgerEntry) -> Option<ListedPolicy> {
    let mut policy = entry.policy()?;
    policy.remove("ledger");
    Some(policy.into_value().into())
}
