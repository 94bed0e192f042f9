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
/// How long a time is that ends with a whole field: year, month, day, hour, minute, second.
const WHOLE_FIELDS: [usize; 6] = [4, 7, 10, 13, 16, 19];
/// How a time is written.
const WRITTEN: &str =
    "write 2026-11-21T07:00:00Z, or its beginning up to the end of a field: 2026-11, 2026-11-21, 2026-11-21T07:00";
/// How much longer the reading of a policy takes than the reading of its text.
const PARSING: usize = 16;

/// Reads a time as policy dates are written; whole fields that are missing at its end count from the beginning.
pub(super) fn policy_date(written: &str) -> Result<String, Error> {
    let text = written.trim().trim_end_matches('Z').replace(' ', "T");
    let time = completed(&text).filter(|time| time.parse::<jiff::Timestamp>().is_ok());
    time.ok_or_else(|| Error::with(Code::STRUCTURE, format!("'{written}' is no UTC time; {WRITTEN}")))
}

/// Adds what is missing at the end of a time. Behind a part of a field nothing is added: `2026-1` would become November. The
/// fraction of a second may have as many digits as it likes.
fn completed(text: &str) -> Option<String> {
    let second = WHOLE_FIELDS.last().copied().unwrap_or_default();
    let is_whole = WHOLE_FIELDS.contains(&text.len()) || text.len() > second;
    let missing = WHOLE.get(text.len()..).filter(|missing| !missing.is_empty()).unwrap_or("Z");
    is_whole.then(|| format!("{text}{missing}"))
}

/// The place of a policy in the list of an earlier time. No later change moves it, and it is the same on each master: the date and
/// the id are of the text of that time, while the numbers of rows are in no history.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PastPlace {
    /// The date, as the policy says it; empty when it says none.
    pub date: String,
    /// The id; empty when it has none.
    pub id: String,
}

impl PastPlace {
    /// Returns the place of a policy.
    #[must_use]
    pub fn of(policy: &Policy) -> Self {
        Self { date: policy.date().unwrap_or_default().to_owned(), id: policy.id().unwrap_or_default() }
    }
}

/// The policies of an earlier time, by date, and by id where dates are the same.
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
        let mut texts: HashMap<Arc<str>, Arc<str>> = HashMap::new();
        for entry in view.iter() {
            budget.work(1)?;
            texts.insert(Arc::clone(&entry.id), Arc::clone(&entry.text));
        }
        for change in history {
            let id: Arc<str> = change.id.as_str().into();
            budget.keep(change.before.as_ref().map_or(0, String::len))?;
            match change.before {
                None => drop(texts.remove(&id)),
                Some(before) => drop(texts.insert(id, before.into())),
            }
        }
        let mut policies = Vec::new();
        for (row, text) in texts {
            budget.read(text.len() * PARSING)?;
            let Ok(policy) = Policy::parse(&text) else { continue };
            budget.keep_row()?;
            budget.keep_map(policy.body())?;
            policies.push((row, policy));
        }
        Ok(Self::indexed(in_past_order(policies)))
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

/// Puts policies in the order of their places, each with the id of its row, which tells rows apart that another program wrote with
/// one id.
fn in_past_order(mut policies: Vec<(Arc<str>, Policy)>) -> Vec<Policy> {
    policies.sort_by_cached_key(|(row, policy)| (PastPlace::of(policy), Arc::clone(row)));
    policies.into_iter().map(|(_, policy)| policy).collect()
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
        assert_eq!(policy_date("2026").unwrap(), "2026-01-01T00:00:00.000000Z");
        assert_eq!(policy_date("2026-11").unwrap(), "2026-11-01T00:00:00.000000Z");
        assert_eq!(policy_date("2026-11-21T07").unwrap(), "2026-11-21T07:00:00.000000Z");
        assert_eq!(policy_date("2026-11-21T07:08:09.1234567").unwrap(), "2026-11-21T07:08:09.1234567Z");
        assert!(policy_date("yesterday").is_err());
        assert!(policy_date("").is_err());
    }

    #[test]
    fn a_part_of_a_field_is_no_time() {
        for written in [
            "2026-1",
            "2026-11-2",
            "2026-1-21",
            "2026-11-21T7",
            "2026-11-21 07:1",
            "2026-11-21T07:08:1",
            "202",
            "2026-",
            "2026-11-21T",
            "2026-11-21T07:08:09.0+02:00",
        ] {
            let told = policy_date(written).unwrap_err().detail.unwrap();
            assert!(told.contains(written) && told.contains("write 2026-11-21T07:00:00Z"), "{told}");
        }
    }

    #[test]
    fn an_earlier_time_has_one_order_wherever_its_rows_stand_now() {
        use super::{Arc, Policy, in_past_order};
        let row = |(date, id): (&str, &str)| {
            let text = format!(r#"{{"device": {{"date": "{date}", "id": "{id}"}}}}"#);
            (Arc::<str>::from(id), Policy::parse(&text).unwrap())
        };
        let ids = |rows: [(&str, &str); 3]| -> Vec<String> {
            in_past_order(Vec::from(rows.map(row))).iter().filter_map(Policy::id).collect()
        };
        assert_eq!(ids([("2", "a"), ("1", "b"), ("2", "c")]), ["b", "a", "c"]);
        assert_eq!(ids([("2", "c"), ("2", "a"), ("1", "b")]), ["b", "a", "c"]);
    }
}
