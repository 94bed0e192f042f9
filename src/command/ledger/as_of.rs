//! The ledger as of an earlier time, made from the view and the history of changes.

use crate::{
    node::Node,
    policy::Policy,
    reply::{Code, Error},
};
use std::{collections::HashMap, sync::Arc};

/// Digits of a whole policy date, by which shorter times are completed.
const WHOLE: &str = "0000-01-01T00:00:00.000000Z";

/// Reads a time as policy dates are written; what is missing at its end counts from the beginning.
pub(super) fn policy_date(text: &str) -> Result<String, Error> {
    let text = text.trim().trim_end_matches('Z').replace(' ', "T");
    let missing = WHOLE.get(text.len()..).unwrap_or("Z");
    let time = format!("{text}{missing}");
    let parsed: Result<jiff::Timestamp, _> = time.parse();
    match parsed {
        Ok(_) if text.len() >= 4 => Ok(time),
        _ => Err(Error::with(Code::STRUCTURE, format!("'{text}' is no UTC time; write 2026-11-21T07:00:00Z"))),
    }
}

/// Returns the policies as they were at a time, in ledger order.
pub(super) async fn policies(node: &Arc<Node>, time: &str) -> Result<Vec<Policy>, Error> {
    let history = node.ledger.history_since(time).await?;
    let view = node.ledger.view();
    let mut order: Vec<Arc<str>> = view.iter().map(|entry| Arc::clone(&entry.id)).collect();
    let mut texts: HashMap<Arc<str>, String> =
        view.iter().map(|entry| (Arc::clone(&entry.id), entry.text.to_string())).collect();
    for change in history {
        let id: Arc<str> = change.id.as_str().into();
        match change.before {
            None => drop(texts.remove(&id)),
            Some(before) => {
                if texts.insert(Arc::clone(&id), before).is_none() {
                    order.push(id);
                }
            }
        }
    }
    let mut policies: Vec<Policy> =
        order.iter().filter_map(|id| texts.remove(id)).filter_map(|text| Policy::parse(&text).ok()).collect();
    policies.sort_by(|one, other| one.date().cmp(&other.date()));
    Ok(policies)
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
