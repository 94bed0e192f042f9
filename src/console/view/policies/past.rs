//! The history of a policy: who changed it, when, and what differs.

use super::{attribute_rows::AttributeRows, one::asked};
use crate::{
    command::{Access, ledger::documents},
    console::{answer::PageAnswer, page_error::ConsoleError, page_request::ConsoleRequest},
    ledger::{HistoryAction, HistoryRow},
    node::{Node, Session, caller_address},
    policy::Policy,
};
use askama::Template;
use std::sync::Arc;

/// Changes that the page shows, the newest ones.
const SHOWN: usize = 100;

/// A change of a policy as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct PastEntry {
    /// Its place in the history, from 0 for the oldest.
    place: usize,
    time: String,
    who: String,
    action: HistoryAction,
    rows: AttributeRows,
    /// True when there is a text that can be written again.
    has_text: bool,
}

#[derive(Template)]
#[template(path = "policy_history.html")]
struct PolicyHistoryTemplate<'a> {
    id: &'a str,
    tab: &'static str,
    kind: String,
    entries: Vec<PastEntry>,
    older: usize,
    is_there: bool,
    may_write: bool,
}

/// Shows the changes of a policy, the newest first, also after it was dropped.
///
/// # Errors
/// Nothing is known of the id; the database is away.
pub async fn show(request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    let id = asked(&request)?;
    let (node, session) = (request.node(), &request.session);
    let rows = documents::history(node, session, id).await?;
    let older = rows.len().saturating_sub(SHOWN);
    let kind = rows.last().map(|row| row.kind.clone()).unwrap_or_default();
    // Large texts are not compared where other callers are served.
    let compare = move || rows.into_iter().enumerate().skip(older).rev().map(entry).collect();
    let entries = node.queries.apart(caller_address(session), compare).await?;
    let is_there = node.ledger.view().by_id(id).is_some();
    let may_write = request.may(Access::Publish);
    let template = PolicyHistoryTemplate { id, tab: "history", kind, entries, older, is_there, may_write };
    PageAnswer::page("History of a policy", &template)
}

fn entry((place, row): (usize, HistoryRow)) -> PastEntry {
    let read = |text: &Option<String>| text.as_deref().and_then(|text| Policy::parse(text).ok());
    let (before, after) = (read(&row.before), read(&row.after));
    let rows = match (&before, &after) {
        (Some(before), Some(after)) => AttributeRows::between(before, after),
        (None, Some(after)) => AttributeRows::whole(after, true),
        (Some(before), None) => AttributeRows::whole(before, false),
        (None, None) => AttributeRows::default(),
    };
    let has_text = before.is_some() || after.is_some();
    PastEntry { place, time: row.time, who: row.who, action: row.action, rows, has_text }
}

/// Returns the policy as a change left it, or as it was before it was dropped.
///
/// # Errors
/// The history has no such change; the database is away.
pub async fn policy_after(node: &Arc<Node>, session: &Session, id: &str, place: usize) -> Result<Policy, ConsoleError> {
    let rows = documents::history(node, session, id).await?;
    let text = rows.into_iter().nth(place).and_then(|row| row.after.or(row.before));
    let policy = text.and_then(|text| Policy::parse(&text).ok());
    policy.ok_or_else(|| ConsoleError::not_found("the history of the policy has no such change"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_has_what_differs() {
        let row = |action, before: Option<&str>, after: Option<&str>| HistoryRow {
            time: "t".to_owned(),
            who: "rest:<b>".to_owned(),
            action,
            kind: "d".to_owned(),
            id: "1".to_owned(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        };
        let (one, two) = (r#"{"d": {"a": 1, "b": 2}}"#, r#"{"d": {"a": 1, "b": 3}}"#);
        let lines = |action, before, after| entry((0, row(action, before, after))).rows.rows.len();
        assert_eq!(lines(HistoryAction::Insert, None, Some(one)), 2);
        assert_eq!(lines(HistoryAction::Replace, Some(one), Some(two)), 1);
        assert_eq!(lines(HistoryAction::Drop, Some(two), None), 2);
        assert_eq!(lines(HistoryAction::Drop, Some("no policy"), None), 0);
    }
}
