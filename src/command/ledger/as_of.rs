//! The ledger as of an earlier time, made from the view and the history of changes.

use crate::{
    ledger::{HistoryPlace, HistoryRow, View},
    node::{Node, Session},
    policy::{Known, Policies, Policy, PolicyRef},
    query::{self, Budget, Exhausted},
    reply::{Code, Error},
};
use std::{collections::HashMap, sync::Arc};

/// Digits of a whole policy date, by which shorter times are completed.
const WHOLE: &str = "0000-01-01T00:00:00.000000Z";
/// How much longer the reading of a policy takes than the reading of its text.
const PARSING: usize = 16;

/// Reads a time as policy dates are written; what is missing at its end counts from the beginning.
pub(super) fn policy_date(written: &str) -> Result<String, Error> {
    let text = written.trim().trim_end_matches('Z').replace(' ', "T");
    let missing = WHOLE.get(text.len()..).unwrap_or("Z");
    let time = format!("{text}{missing}");
    let parsed: Result<jiff::Timestamp, _> = time.parse();
    match parsed {
        Ok(_) if text.len() >= 4 => Ok(time),
        _ => Err(Error::with(Code::STRUCTURE, format!("'{written}' is no UTC time; write 2026-11-21T07:00:00Z"))),
    }
}

/// The policies of an earlier time, in ledger order.
pub(super) struct PastLedger {
    policies: Vec<Policy>,
    ids: HashMap<String, usize>,
    children: HashMap<String, Vec<usize>>,
}

/// Returns the policies as they were at a time.
pub(super) async fn policies(node: &Arc<Node>, session: &Session, time: &str) -> Result<PastLedger, Error> {
    // The view comes first: what is changed between the two is taken back by the history, and nobody could take it back otherwise.
    let (view, most) = (node.ledger.view(), node.queries.most_bytes());
    let history = node.ledger.history_since(time, most).await?;
    past(node, session, view, history).await
}

/// Returns the policies as they were after the transaction of a change.
pub(super) async fn policies_after(node: &Arc<Node>, session: &Session, at: HistoryPlace) -> Result<PastLedger, Error> {
    let (view, most) = (node.ledger.view(), node.queries.most_bytes());
    let history = node.ledger.history_after(at, most).await?;
    past(node, session, view, history).await
}

/// Takes a history back, unless it is too long to be there.
async fn past(
    node: &Arc<Node>,
    session: &Session,
    view: Arc<View>,
    history: Option<Vec<HistoryRow>>,
) -> Result<PastLedger, Error> {
    let history = history.ok_or_else(|| query::Error::from(Exhausted::Bytes(node.queries.most_bytes())))?;
    // Every policy of that time is read again from its text, which is never a matter of a moment.
    node.queries.compute(session, move |budget| Ok(PastLedger::of(&view, history, budget)?)).await
}

impl PastLedger {
    /// Takes back every change of the history, newest first.
    fn of(view: &View, history: Vec<HistoryRow>, budget: &Budget<'_>) -> Result<Self, Exhausted> {
        let mut order: Vec<Arc<str>> = Vec::new();
        let mut texts: HashMap<Arc<str>, Arc<str>> = HashMap::new();
        for entry in view.iter() {
            budget.work(1)?;
            order.push(Arc::clone(&entry.id));
            texts.insert(Arc::clone(&entry.id), Arc::clone(&entry.text));
        }
        for change in history {
            let id: Arc<str> = change.id.as_str().into();
            budget.keep(change.before.as_ref().map_or(0, String::len))?;
            match change.before {
                None => drop(texts.remove(&id)),
                Some(before) => {
                    if texts.insert(Arc::clone(&id), before.into()).is_none() {
                        order.push(id);
                    }
                }
            }
        }
        let mut policies = Vec::new();
        for text in order.iter().filter_map(|id| texts.remove(id)) {
            budget.read(text.len() * PARSING)?;
            let Ok(policy) = Policy::parse(&text) else { continue };
            budget.keep_row()?;
            budget.keep_map(policy.body())?;
            policies.push(policy);
        }
        policies.sort_by(|one, other| one.date().cmp(&other.date()));
        Ok(Self::indexed(policies))
    }

    fn indexed(policies: Vec<Policy>) -> Self {
        let mut ids = HashMap::new();
        let mut children: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, policy) in policies.iter().enumerate() {
            if let Some(id) = policy.id() {
                ids.entry(id).or_insert(place);
            }
            if let Some(parent) = policy.text("parent").filter(|_| policy.kind() != "cluster") {
                children.entry(parent.to_owned()).or_default().push(place);
            }
        }
        Self { policies, ids, children }
    }
}

impl Known for PastLedger {
    fn all(&self) -> Policies<'_> {
        Box::new(self.policies.iter().map(PolicyRef::from))
    }

    fn by_id<'a>(&'a self, id: &str) -> Option<PolicyRef<'a>> {
        self.policies.get(*self.ids.get(id)?).map(PolicyRef::from)
    }

    fn children<'a>(&'a self, id: &str) -> Policies<'a> {
        let places = self.children.get(id).into_iter().flatten();
        Box::new(places.filter_map(|place| self.policies.get(*place)).map(PolicyRef::from))
    }
}

#[cfg(test)]
mod tests {
    use super::policy_date;

    #[test]
    fn short_times_count_from_their_beginning() {
        assert_eq!(policy_date("2026-11-21").unwrap(), "2026-11-21T00:00:00.000000Z");
        assert_eq!(policy_date("2026-11-21 07:08").unwrap(), "2026-11-21T07:08:00.000000Z");
        assert_eq!(policy_date("2026-11-21T07:08:09.5Z").unwrap(), "2026-11-21T07:08:09.500000Z");
        assert!(policy_date("yesterday").is_err());
        assert!(policy_date("").is_err());
    }
}
