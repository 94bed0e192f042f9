//! Who asks, as the ledger keeps it, and what such a caller may change.

use crate::{
    command::{
        engine::{
            Access,
            access::{Permission, permission},
        },
        ledger::this_node::own_host,
    },
    ledger::{self, Author, Change, LedgerEntry, Written},
    node::{Node, Origin, Session},
    policy::{Policy, overlaid},
    reply::{Code, Error},
};
use std::{net::IpAddr, sync::Arc};

/// Returns who asks for a change, for the history and for the limits.
pub(super) fn author(session: &Session) -> Author {
    let who = name(&session.origin);
    match other(session) {
        Some(address) => Author::other(who, address),
        None => Author::new(who),
    }
}

/// Returns the name of an origin.
fn name(origin: &Origin) -> String {
    match origin {
        Origin::Plan | Origin::Boot => "boot".to_owned(),
        Origin::Prompt => "prompt".to_owned(),
        Origin::Scheduler { made_by } => format!("scheduler, {}", name(made_by)),
        // `blockchain undo by rest:alice` finds her wherever she was.
        Origin::Rest { user: Some(user), caller, .. } => format!("rest:{user}, {}", caller.to_canonical()),
        Origin::Rest { caller, user: None, .. } => format!("rest:{caller}"),
        Origin::Peer { host, caller, .. } => sender(host, *caller),
    }
}

/// Names the sender of a message: the address of its connection, and the one that it announces when that is another.
fn sender(host: &str, caller: IpAddr) -> String {
    let caller = caller.to_canonical().to_string();
    if caller == host { caller } else { format!("{caller} as {host}") }
}

/// Returns the address of a caller to whom the limits for others apply, as the table of rights says; a task is as free as who
/// made it.
fn other(session: &Session) -> Option<IpAddr> {
    if permission(session.door(), Access::ChangePoliciesOfOthers) == Permission::Yes {
        return None;
    }
    match session.origin.source() {
        Origin::Peer { caller, .. } | Origin::Rest { caller, .. } => Some(*caller),
        Origin::Plan | Origin::Boot | Origin::Prompt | Origin::Scheduler { .. } => None,
    }
}

/// Returns the address that stands in the host column: the sender of a message, else this node.
pub(super) fn published_from(node: &Node, session: &Session) -> String {
    match &session.origin {
        Origin::Peer { host, .. } => host.clone(),
        _ => own_host(node),
    }
}

/// Makes a change for a caller; every change that a command of this family asks for goes this way.
///
/// # Errors
/// The ledger's own, and [`ledger::Error::OwnPolicy`] when others reach for the policy of this node.
pub(super) async fn write(node: &Node, session: &Session, change: Change) -> Result<Written, ledger::Error> {
    if let Err(error) = leave_own_policy(node, session, &change) {
        if let Some(left_out) = node.own_names.told.may_tell() {
            let (who, change) = (author(session).who, change.name());
            tracing::warn!(who, change, left_out, "somebody else reached for the policy of this node: refused");
        }
        return Err(error);
    }
    // Before the boot has connected its database only the local copy would change, and the table would bring back what was dropped.
    let is_starting = !node.readiness.has_booted() && !node.ledger.is_attached();
    if is_starting && comes_over_network(session) && takes_away(&change) {
        return Err(ledger::Error::NotConnected);
    }
    node.ledger.write(change, author(session)).await
}

/// Looks what a change would do, without making it.
///
/// # Errors
/// As [`write`]; the limits of senders are not looked at.
pub(super) fn check(node: &Node, session: &Session, change: &Change) -> Result<Vec<Arc<LedgerEntry>>, ledger::Error> {
    leave_own_policy(node, session, change)?;
    node.ledger.check(change, &author(session))
}

/// Refuses others who reach for the policy of this node, here or at other masters.
///
/// # Errors
/// [`ledger::Error::OwnPolicy`].
pub(super) fn leave_own_policy(node: &Node, session: &Session, change: &Change) -> Result<(), ledger::Error> {
    let is_refused = other(session).is_some() && touches_own_policy(node, change);
    if is_refused { Err(ledger::Error::OwnPolicy) } else { Ok(()) }
}

/// Refuses a change of the contract of a platform to callers to whom the limits for others apply: a contract knows no such limits,
/// and the account of this node pays for it.
///
/// # Errors
/// Code 224 for other nodes, 212 for everybody else.
pub(super) fn may_change_contracts(session: &Session) -> Result<(), Error> {
    if permission(session.door(), Access::ChangePoliciesOfOthers) == Permission::Yes {
        return Ok(());
    }
    let (code, detail) = match session.origin.source() {
        Origin::Peer { .. } => (
            Code::REMOTE_NOT_SUPPORTED,
            "the contract is changed for people of this node: change its ledger, which relays it",
        ),
        _ => (
            Code::UNAUTHORIZED,
            "changing the contract of a platform needs the role admin: change the ledger of this node, which relays it",
        ),
    };
    Err(Error::with(code, detail))
}

fn comes_over_network(session: &Session) -> bool {
    matches!(session.origin.source(), Origin::Peer { .. } | Origin::Rest { .. })
}

/// Tells whether a change takes policies away or replaces them.
fn takes_away(change: &Change) -> bool {
    match change {
        Change::Insert(_) | Change::Publish(_) | Change::InsertLocal { .. } | Change::InsertAll { .. } => false,
        Change::While { change, .. } => takes_away(change),
        _ => true,
    }
}

/// Tells whether a change concerns the policy of this node, or publishes another one in its name.
fn touches_own_policy(node: &Node, change: &Change) -> bool {
    let view = node.ledger.view();
    let is_own =
        |id: &str| view.by_id(id).and_then(|entry| entry.policy()).is_some_and(|there| node.is_own_policy(&there));
    // A policy that is there already is a duplicate, which changes nothing.
    let is_new = |policy: &Policy| policy.id().is_none_or(|id| view.by_id(&id).is_none());
    let speaks_for_it = |policy: &Policy| node.own_names.are_in(policy) || overlaid(policy).any(is_own);
    match change {
        Change::Insert(insert) | Change::Publish(insert) => is_new(&insert.policy) && speaks_for_it(&insert.policy),
        Change::InsertLocal { policy, .. } => is_new(policy) && speaks_for_it(policy),
        Change::InsertAll { inserts, .. } => {
            inserts.iter().any(|insert| is_new(&insert.policy) && speaks_for_it(&insert.policy))
        }
        Change::While { change, .. } => touches_own_policy(node, change),
        Change::Replace { id, policy, .. } => is_own(id) || speaks_for_it(policy),
        Change::Drop { ids } | Change::DropSome { ids } => ids.iter().any(|id| is_own(id)),
        Change::Undo { steps } => steps.iter().any(|step| is_own(step.id())),
        Change::Apply { steps } => {
            steps.iter().any(|step| is_own(step.id()) || step.policy().is_some_and(&speaks_for_it))
        }
        Change::DropHost { host } => view
            .iter()
            .any(|entry| *entry.host == **host && entry.policy().is_some_and(|there| node.is_own_policy(&there))),
    }
}

/// Refuses what other nodes may not use inside of a change: a query chooses more than its sender may know of.
///
/// # Errors
/// Code 224 for other nodes.
pub(super) fn refuse_query(session: &Session) -> Result<(), Error> {
    match session.origin.source() {
        Origin::Peer { .. } => {
            let detail = "a query inside of a change is not for other nodes: name the ids of the policies";
            Err(Error::with(Code::REMOTE_NOT_SUPPORTED, detail))
        }
        _ => Ok(()),
    }
}
