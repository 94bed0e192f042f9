//! Lists of policies in pages, and one policy, now or at an earlier moment.

use super::{filter::PolicyFilter, point::PointInTime, record::PolicyRecord, summary::PolicySummary};
use crate::{
    command::{
        engine::{Entry, typed},
        ledger::query,
    },
    ledger::{ContentSum, LedgerEntry, Position, View},
    node::{Node, Session, caller_address},
    policy::{Known, UnreadPolicy},
    query::{Budget, Exhausted},
    reply::{Code, Error},
};
use std::sync::Arc;

/// The entry whose rights lists and single policies have.
pub const LIST: &Entry = query::GET;

/// Bytes of a stored text from which on it takes milliseconds to read.
const LARGE: usize = 256 * 1024;
/// Steps that the reading of a policy of an earlier moment counts, so that the time is looked at after each of them.
const READING: u64 = 16;

/// A page of policies that somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// Which policies.
    pub filter: PolicyFilter,
    /// Behind which one the page begins.
    pub start: PageStart,
    /// How many it has at most.
    pub limit: usize,
    /// At which moment; now when there is none.
    pub at: Option<PointInTime>,
}

/// Where a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageStart {
    /// With the first policy.
    First,
    /// Behind a position, whether anything is still there or not.
    Behind(Position),
    /// Behind so many policies of an earlier moment, which does not change any more.
    Skipping(usize),
}

/// A page of policies.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyPage<T = PolicyRecord> {
    /// The policies, in ledger order.
    pub records: Vec<T>,
    /// Where the next page begins; nothing when this is the last one.
    pub next: Option<PageStart>,
    /// What the view shows that was asked; nothing for an earlier moment, which is made of the history as well.
    pub content: Option<ContentSum>,
}

/// Returns a page of policies, as they are stored.
///
/// # Errors
/// The budget of queries is used up; a moment that the history does not have.
pub async fn list(node: &Arc<Node>, session: &Session, request: PageRequest) -> Result<PolicyPage, Error> {
    typed(LIST, node, session, async {
        let view = node.ledger.view();
        let Some(at) = &request.at else {
            let page = move |budget: &Budget<'_>| Ok(page_now(&view, &request, budget, PolicyRecord::of_entry)?);
            return node.queries.answer(session, page).await;
        };
        let past = Box::pin(at.policies(node, session)).await?;
        // What is passed over on the way to the page is read as well, all of the ledger at most.
        node.queries.compute(session, move |budget| Ok(page_then(&past, &request, budget)?)).await
    })
    .await
}

/// Returns a page of policies of now as rows of a list show them.
///
/// # Errors
/// The budget of queries is used up.
pub async fn summaries(
    node: &Arc<Node>,
    session: &Session,
    request: PageRequest,
) -> Result<PolicyPage<PolicySummary>, Error> {
    typed(LIST, node, session, async {
        let view = node.ledger.view();
        let page = move |budget: &Budget<'_>| Ok(page_now(&view, &request, budget, PolicySummary::of_entry)?);
        node.queries.answer(session, page).await
    })
    .await
}

/// Returns one policy, now or at an earlier moment.
///
/// # Errors
/// Code 113 when there is none with the id; as [`list`].
pub async fn one(
    node: &Arc<Node>,
    session: &Session,
    id: &str,
    at: Option<&PointInTime>,
) -> Result<PolicyRecord, Error> {
    typed(LIST, node, session, async {
        let found = match at {
            None => now(node, session, id).await?,
            Some(at) => {
                let past = Box::pin(at.policies(node, session)).await?;
                past.by_id(id).map(|policy| PolicyRecord::of_policy(&policy))
            }
        };
        found.ok_or_else(|| missing(id))
    })
    .await
}

/// Reads the policy with an id as it is now; a large one not where other callers are served.
async fn now(node: &Node, session: &Session, id: &str) -> Result<Option<PolicyRecord>, Error> {
    let there = node.ledger.view().by_id(id).cloned();
    let Some(entry) = there else { return Ok(None) };
    if entry.text.len() < LARGE {
        return Ok(PolicyRecord::of_entry(&entry));
    }
    node.queries.apart(caller_address(session), move || PolicyRecord::of_entry(&entry)).await
}

/// Describes a policy that is not there.
pub(super) fn missing(id: &str) -> Error {
    let shown: String = id.chars().take(128).collect();
    Error::with(Code::POLICY_NOT_AVAILABLE, format!("no policy with id '{shown}' is in the ledger"))
}

fn page_now<T>(
    view: &View,
    request: &PageRequest,
    budget: &Budget<'_>,
    make: impl Fn(&LedgerEntry) -> Option<T>,
) -> Result<PolicyPage<T>, Exhausted> {
    let PageRequest { filter, start, limit, .. } = request;
    let (mut records, mut last) = (Vec::new(), None);
    let after = match start {
        PageStart::Behind(position) => Some(position.clone()),
        PageStart::First | PageStart::Skipping(_) => None,
    };
    for entry in view.listed(filter.kind.as_deref(), after) {
        // Looking for something reads all of what is passed over, too.
        budget.read(if filter.reads() { entry.text.len() } else { 0 })?;
        if !filter.may_take(&entry.text) {
            continue;
        }
        let is_taken = !filter.reads() || {
            budget.read(entry.text.len())?;
            takes(filter, entry)
        };
        if !is_taken {
            continue;
        }
        if records.len() == *limit {
            return Ok(PolicyPage { records, next: last.map(PageStart::Behind), content: Some(view.content()) });
        }
        budget.read(entry.text.len())?;
        budget.keep_row()?;
        budget.keep(2 * entry.text.len())?;
        records.extend(make(entry));
        last = Some(entry.position());
    }
    Ok(PolicyPage { records, next: None, content: Some(view.content()) })
}

/// Tells whether a policy is asked for as it is stored, which is how lists show it: a row may read as local for a while.
fn takes(filter: &PolicyFilter, entry: &LedgerEntry) -> bool {
    filter.read(&UnreadPolicy { ledger: None, ..entry.unread() }).is_some_and(|policy| filter.takes(&policy))
}

fn page_then(past: &dyn Known, request: &PageRequest, budget: &Budget<'_>) -> Result<PolicyPage, Exhausted> {
    let skipped = match &request.start {
        PageStart::Skipping(count) => *count,
        PageStart::First | PageStart::Behind(_) => 0,
    };
    let (mut records, mut passed) = (Vec::new(), 0);
    for policy in past.all() {
        budget.work(if request.filter.reads() { READING } else { 1 })?;
        if !request.filter.takes(&policy) {
            continue;
        }
        if passed < skipped {
            passed += 1;
            continue;
        }
        if records.len() == request.limit {
            let next = Some(PageStart::Skipping(skipped + records.len()));
            return Ok(PolicyPage { records, next, content: None });
        }
        budget.keep_row()?;
        budget.keep_map(policy.body())?;
        records.push(PolicyRecord::of_policy(&policy));
    }
    Ok(PolicyPage { records, next: None, content: None })
}
