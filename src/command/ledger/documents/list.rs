//! Lists of policies in pages, and one policy, now or at an earlier moment.

use super::{
    filter::PolicyFilter, list_place::ListPlace, point::PointInTime, record::PolicyRecord, summary::PolicySummary,
};
use crate::{
    command::{
        engine::{Entry, typed},
        ledger::{as_of::PastPlace, query},
    },
    ledger::{ContentSum, LedgerEntry, View},
    node::{Node, Session, caller_address},
    policy::{Known, Policy, UnreadPolicy},
    query::{Budget, Exhausted},
    reply::{Code, Error},
    runtime::limits,
};
use std::sync::Arc;

/// The entry whose rights lists and single policies have.
pub const LIST: &Entry = query::GET;

/// Bytes of a stored text from which on it takes milliseconds to read.
const LARGE: usize = 256 * 1024;
/// Steps that the reading of a policy of an earlier moment counts, so that the time is looked at after each of them.
const READING: u64 = 16;
/// Bytes of a date that a place carries; dates that this program writes have 27.
const DATE: usize = 64;

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
    /// Behind a policy of the list of now.
    Behind(ListPlace),
    /// Behind a policy of an earlier moment, whether it is in its list again or not: what only the local copy has comes and goes
    /// without a line in the history.
    BehindPast(PastPlace),
    /// Behind so many policies of an earlier moment, where the last one has no place that can be carried.
    Skipping(usize),
}

/// A page of policies.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyPage<T = PolicyRecord> {
    /// The policies: now in ledger order, at an earlier moment by date and id.
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
    let mut records = Vec::new();
    let mut last: Option<&Arc<LedgerEntry>> = None;
    let after = match start {
        PageStart::Behind(place) => Some(place.position_in(view)),
        PageStart::First | PageStart::BehindPast(_) | PageStart::Skipping(_) => None,
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
            let next = last.map(|last| PageStart::Behind(ListPlace::behind(last)));
            return Ok(PolicyPage { records, next, content: Some(view.content()) });
        }
        budget.read(entry.text.len())?;
        budget.keep_row()?;
        budget.keep(2 * entry.text.len())?;
        records.extend(make(entry));
        last = Some(entry);
    }
    Ok(PolicyPage { records, next: None, content: Some(view.content()) })
}

/// Tells whether a policy is asked for as it is stored, which is how lists show it: a row may read as local for a while.
fn takes(filter: &PolicyFilter, entry: &LedgerEntry) -> bool {
    filter.read(&UnreadPolicy { ledger: None, ..entry.unread() }).is_some_and(|policy| filter.takes(&policy))
}

fn page_then(past: &dyn Known, request: &PageRequest, budget: &Budget<'_>) -> Result<PolicyPage, Exhausted> {
    let (mut records, mut passed, mut last) = (Vec::new(), 0, None);
    for policy in past.all() {
        budget.work(if request.filter.reads() { READING } else { 1 })?;
        if !request.filter.takes(&policy) {
            continue;
        }
        if request.start.is_behind(&policy, passed) {
            passed += 1;
            continue;
        }
        if records.len() == request.limit {
            let next = Some(PageStart::behind_past(last, passed + records.len()));
            return Ok(PolicyPage { records, next, content: None });
        }
        budget.keep_row()?;
        budget.keep_map(policy.body())?;
        records.push(PolicyRecord::of_policy(&policy));
        last = Some(PastPlace::of(&policy));
    }
    Ok(PolicyPage { records, next: None, content: None })
}

impl PageStart {
    /// Returns where the page behind a policy of an earlier moment begins, which is the last of so many.
    fn behind_past(last: Option<PastPlace>, count: usize) -> Self {
        // What is longer, or has no id, another program wrote: nothing tells such policies of one date apart.
        let has_id = |place: &PastPlace| (1..=limits::POLICY_NAME).contains(&place.id.len());
        let carried = last.filter(|place| has_id(place) && place.date.len() <= DATE);
        carried.map_or(Self::Skipping(count), Self::BehindPast)
    }

    /// Tells whether the page begins behind a policy of an earlier moment, before which so many are that are asked for.
    fn is_behind(&self, policy: &Policy, before: usize) -> bool {
        match self {
            Self::First | Self::Behind(_) => false,
            Self::BehindPast(place) => PastPlace::of(policy) <= *place,
            Self::Skipping(count) => before < *count,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policies(texts: &[(&str, &str)]) -> Vec<Policy> {
        let text = |(date, id): &(&str, &str)| format!(r#"{{"device": {{"date": "{date}", "id": "{id}"}}}}"#);
        texts.iter().map(|one| Policy::parse(&text(one)).unwrap()).collect()
    }

    fn page(past: &[(&str, &str)], start: PageStart) -> (Vec<String>, Option<PageStart>) {
        let request = PageRequest { filter: PolicyFilter::default(), start, limit: 2, at: None };
        let page = page_then(&policies(past), &request, &Budget::unlimited()).unwrap();
        (page.records.into_iter().map(|record| record.id).collect(), page.next)
    }

    #[test]
    fn pages_of_an_earlier_moment_go_on_behind_a_place_whatever_comes_before_it() {
        let (shown, next) = page(&[("1", "a"), ("2", "a1"), ("2", "b")], PageStart::First);
        assert_eq!(shown, ["a", "a1"]);
        let next = next.unwrap();
        assert_eq!(next, PageStart::BehindPast(PastPlace { date: "2".to_owned(), id: "a1".to_owned() }));
        for then in [
            &[("1", "a"), ("2", "a1"), ("2", "b")][..],
            &[("2", "b")],
            &[("0", "x"), ("1", "a"), ("1", "y"), ("2", "a1"), ("2", "b")],
        ] {
            assert_eq!(page(then, next.clone()), (vec!["b".to_owned()], None), "{then:?}");
        }
    }

    #[test]
    fn what_no_cursor_has_room_for_is_counted() {
        let long = "x".repeat(limits::POLICY_NAME + 1);
        let past = [("1", "a"), ("2", long.as_str()), ("3", "c"), ("4", ""), ("5", "e")];
        let (shown, next) = page(&past, PageStart::First);
        assert_eq!((shown.len(), next.clone()), (2, Some(PageStart::Skipping(2))));
        let (shown, next) = page(&past, next.unwrap());
        assert_eq!((shown, next.clone()), (vec!["c".to_owned(), String::new()], Some(PageStart::Skipping(4))));
        assert_eq!(page(&past, next.unwrap()), (vec!["e".to_owned()], None));
    }
}
