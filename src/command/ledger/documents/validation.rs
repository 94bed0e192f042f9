//! Whether the ledger would take a policy that it has, as it is, and by which rules.

use super::list::{LIST, missing};
use crate::{
    command::{engine::typed, ledger::mapping_scripts},
    ledger::LedgerEntry,
    node::{Node, Session, caller_address},
    policy::{Policy, Without, rules},
    reply::Error,
    runtime::random::any_number,
};
use std::sync::Arc;

/// What the rules say of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validation {
    /// The first rule that it breaks; nothing when the ledger would take it again.
    pub broken: Option<String>,
    /// What is wrong with its row, whoever wrote it.
    pub fault: Option<String>,
    /// The rules of its type, a sentence each.
    pub rules: Vec<String>,
}

/// Asks the rules about a policy of the ledger.
///
/// # Errors
/// Code 113 when it is not there; too much waits.
pub async fn validation(node: &Arc<Node>, session: &Session, id: &str) -> Result<Validation, Error> {
    typed(LIST, node, session, async {
        let entry = node.ledger.view().by_id(id).cloned().ok_or_else(|| missing(id))?;
        let of_node = Arc::clone(node);
        // Rules of some types read all policies of the type.
        node.queries.apart(caller_address(session), move || validated(&of_node, &entry)).await
    })
    .await
}

fn validated(node: &Node, entry: &LedgerEntry) -> Validation {
    Validation {
        broken: broken(node, entry).err(),
        fault: entry.fault.as_deref().map(str::to_owned),
        rules: rules::described(&entry.kind),
    }
}

fn broken(node: &Node, entry: &LedgerEntry) -> Result<(), String> {
    let view = node.ledger.view();
    let others = Without::new(&*view, &entry.id);
    let told = |error: crate::policy::Error| error.to_string();
    let mut policy = Policy::parse(&entry.text).map_err(told)?;
    // A policy that says that it is global would pass by the rules of its type.
    policy.remove("ledger");
    rules::check(&mut policy, &others, any_number).map_err(told)?;
    rules::admissible(&policy, &others).map_err(told)?;
    mapping_scripts::check(&policy, &*node.commands).map_err(|error| error.to_string())
}
