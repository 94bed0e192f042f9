//! Changes of policies by programs: several that come together, and changes of what somebody has seen.

use super::{
    list::missing,
    record::{PolicyRecord, tag_of},
};
use crate::{
    command::{
        engine::{Entry, typed},
        ledger::{caller, insert, mapping_scripts, policy_history, remove, replace as replacing, this_node},
    },
    ledger::{self, Change, HistoryLine, HistoryRow, InsertedAs, LedgerEntry, OnDuplicate, PolicyCheck, PolicyInsert},
    node::{Node, Session},
    policy::Policy,
    reply::{Code, Error},
    runtime::clock,
};
use serde_json::Value;
use std::sync::Arc;

/// The entry whose rights additions have.
pub const ADD: &Entry = insert::INSERT_ENTRY;
/// The entry whose rights replacements have.
pub const REPLACE: &Entry = replacing::REPLACE;
/// The entry whose rights deletions have.
pub const DROP: &Entry = remove::DROP_POLICY;
/// The entry whose rights questions about the history have.
const HISTORY: &Entry = policy_history::HISTORY;

/// What somebody has seen of a policy who changes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Whatever it is now.
    Anything,
    /// What has one of these entity tags.
    OneOf(Vec<String>),
}

/// Adds policies to the ledger in one transaction and returns them as they are stored; nothing is added when one of them is
/// refused, and nothing in any case when it is only tried.
///
/// # Errors
/// The rules of the ledger.
pub async fn add(
    node: &Arc<Node>,
    session: &Session,
    policies: Vec<Policy>,
    is_tried: bool,
) -> Result<Vec<PolicyRecord>, Error> {
    typed(ADD, node, session, async {
        let mut inserts = Vec::with_capacity(policies.len());
        let (several, now, own_host) = (policies.len() > 1, clock::policy_date(), this_node::own_host(node));
        for (place, policy) in (1..).zip(policies) {
            let policy =
                prepared(node, policy, &now).map_err(|error| if several { error.of_one(place) } else { error })?;
            let (host, on_duplicate) = (own_host.clone(), OnDuplicate::Refuse);
            inserts.push(PolicyInsert { policy, host, on_duplicate, check: PolicyCheck::Publish });
        }
        let change = match <[PolicyInsert; 1]>::try_from(inserts) {
            Ok([insert]) => Change::Insert(insert),
            Err(inserts) => Change::InsertAll { inserts, each: InsertedAs::Row },
        };
        made(node, session, change, is_tried).await
    })
    .await
}

/// Gives a policy a new text, if it is what its sender has seen.
///
/// # Errors
/// Code 101 when it is not there or is of another type, [`crate::ledger::Error::Changed`] behind code 30 when it is not what was
/// seen; the rules of the ledger.
pub async fn replace(
    node: &Arc<Node>,
    session: &Session,
    (id, seen): (&str, Seen),
    policy: Policy,
    is_tried: bool,
) -> Result<PolicyRecord, Error> {
    typed(REPLACE, node, session, async {
        if policy.body().contains_key("id") && policy.id().as_deref() != Some(id) {
            let detail = format!("the policy says another id than '{id}', which stays");
            return Err(Error::with(Code::ID_MISMATCH, detail));
        }
        let mut policy = policy;
        policy.set("id", id.to_owned());
        if !policy.body().contains_key("date")
            && let Some(date) = date_of(node, id)
        {
            policy.set("date", date);
        }
        let policy = prepared(node, policy, &clock::policy_date())?;
        let host = caller::published_from(node, session);
        let change = Change::Replace { id: id.to_owned(), policy, host, check: PolicyCheck::Publish };
        let records = made(node, session, guarded(node, id, &seen, change).await?, is_tried).await?;
        records.into_iter().next().ok_or_else(|| missing(id))
    })
    .await
}

/// Drops a policy, if it is what its sender has seen.
///
/// # Errors
/// As [`replace`].
pub async fn remove(node: &Arc<Node>, session: &Session, id: &str, seen: Seen) -> Result<(), Error> {
    typed(DROP, node, session, async { dropped(node, session, id, &seen, false).await.map(drop) }).await
}

/// Looks whether a policy could be dropped, if it is what its sender has seen, and returns it.
///
/// # Errors
/// As [`replace`].
pub async fn try_remove(node: &Arc<Node>, session: &Session, id: &str, seen: Seen) -> Result<PolicyRecord, Error> {
    typed(DROP, node, session, async {
        let records = dropped(node, session, id, &seen, true).await?;
        records.into_iter().next().ok_or_else(|| missing(id))
    })
    .await
}

async fn dropped(
    node: &Node,
    session: &Session,
    id: &str,
    seen: &Seen,
    is_tried: bool,
) -> Result<Vec<PolicyRecord>, Error> {
    let change = Change::Drop { ids: vec![id.to_owned()] };
    made(node, session, guarded(node, id, seen, change).await?, is_tried).await
}

/// Returns the changes of a policy, oldest first.
///
/// # Errors
/// Code 113 when none is known; that of the budget of queries when they are too long; the database's own.
pub async fn history(node: &Arc<Node>, session: &Session, id: &str) -> Result<Vec<HistoryRow>, Error> {
    typed(HISTORY, node, session, async {
        let rows = policy_history::changes(node, id).await?;
        if rows.is_empty() { Err(missing(id)) } else { Ok(rows) }
    })
    .await
}

/// Returns the last changes of all policies without their texts, newest first, at most so many.
///
/// # Errors
/// The database's own.
pub async fn last_changes(node: &Arc<Node>, session: &Session, most: i64) -> Result<Vec<HistoryLine>, Error> {
    typed(HISTORY, node, session, async { Ok(node.ledger.last_lines(most).await?) }).await
}

/// Prepares a policy. Where it is known is not for its sender to say: a policy that was read, and says `"ledger": "global"`, would
/// pass by the rules of its type.
fn prepared(node: &Node, mut policy: Policy, now: &str) -> Result<Policy, Error> {
    policy.remove("ledger");
    policy.prepare(now)?;
    mapping_scripts::check(&policy, &*node.commands)?;
    Ok(policy)
}

/// Returns the date of a policy that is there: with another one it would have another place in the ledger.
fn date_of(node: &Node, id: &str) -> Option<Value> {
    let view = node.ledger.view();
    view.by_id(id)?.policy()?.get("date").cloned()
}

/// Makes a change depend on what was seen, which is still there when the change is asked for. Another master may have shown it a
/// moment ago, before this one heard of it: nothing is refused before the table was asked.
async fn guarded(node: &Node, id: &str, seen: &Seen, change: Change) -> Result<Change, Error> {
    let Seen::OneOf(tags) = seen else { return Ok(change) };
    let text = match seen_text(node, id, tags) {
        Ok(text) => text,
        Err(error) => {
            node.ledger.catch_up().await.map_err(|_| error)?;
            seen_text(node, id, tags)?
        }
    };
    Ok(Change::While { id: id.to_owned(), text, change: Box::new(change) })
}

/// Returns the text of a policy that is one of those that were seen.
fn seen_text(node: &Node, id: &str, tags: &[String]) -> Result<Arc<str>, Error> {
    let view = node.ledger.view();
    let there = view.by_id(id).ok_or_else(|| missing(id))?;
    if tags.contains(&tag_of(&there.text)) {
        Ok(Arc::clone(&there.text))
    } else {
        Err(ledger::Error::Changed(id.to_owned()).into())
    }
}

/// Makes a change, or only looks what it would do.
async fn made(node: &Node, session: &Session, change: Change, is_tried: bool) -> Result<Vec<PolicyRecord>, Error> {
    let entries = if is_tried {
        caller::check(node, session, &change)?
    } else {
        caller::write(node, session, change).await?.entries
    };
    Ok(entries.iter().filter_map(|entry: &Arc<LedgerEntry>| PolicyRecord::of_entry(entry)).collect())
}
