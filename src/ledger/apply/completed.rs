//! A desired policy with what the ledger adds to policies by itself, so that a file without it differs in nothing.

use crate::policy::Policy;
use serde_json::{Map, Value};

/// Returns what a desired policy comes to where its policy is there already: `id` and `date` stay when the file has none, and
/// so does what the rules of its type fill in (`member` of an operator, `status` of a cluster and of its tables;
/// reference/ledger 3.2). Where the policy is known is the ledger's own business, so `ledger` never counts.
#[must_use]
pub fn completed(desired: &Policy, there: &Policy) -> Policy {
    let mut policy = desired.clone();
    policy.remove("ledger");
    // The id may be written as a number or as a text: it is the same id.
    let filled: &[&str] = match desired.kind() {
        "operator" => &["member", "id", "date"],
        "cluster" => &["status", "id", "date"],
        _ => &["id", "date"],
    };
    for key in filled {
        let known = there.get(key).filter(|_| *key == "id" || desired.get(key).is_none());
        if let Some(value) = known {
            policy.set(key, value.clone());
        }
    }
    if desired.kind() == "cluster" {
        complete_tables(&mut policy, there);
    }
    policy
}

/// Gives the tables of a cluster the status that they have.
fn complete_tables(policy: &mut Policy, there: &Policy) {
    let Some(Value::Array(wanted)) = policy.get("table") else { return };
    let Some(Value::Array(known)) = there.get("table") else { return };
    let mut wanted = wanted.clone();
    for table in wanted.iter_mut().filter_map(Value::as_object_mut).filter(|table| !table.contains_key("status")) {
        let is_same =
            |other: &&Map<String, Value>| ["dbms", "name"].iter().all(|key| other.get(*key) == table.get(*key));
        let known = known.iter().filter_map(Value::as_object).find(is_same);
        if let Some(status) = known.and_then(|known| known.get("status")).cloned() {
            table.insert("status".to_owned(), status);
        }
    }
    policy.set("table", wanted);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_ledger_adds_is_taken_over() {
        let there = Policy::parse(
            r#"{"cluster": {"name": "c", "table": [{"dbms": "d", "name": "t", "status": "active"}], "id": 7,
                "status": "active", "date": "x", "ledger": "global"}}"#,
        );
        let desired =
            Policy::parse(r#"{"cluster": {"id": "7", "name": "c", "table": [{"dbms": "d", "name": "t"}]}}"#).unwrap();
        let completed = completed(&desired, &there.clone().unwrap());
        let mut there = there.unwrap();
        there.remove("ledger");
        assert_eq!(completed, there);
    }

    #[test]
    fn what_the_file_says_counts() {
        let there = Policy::parse(r#"{"operator": {"name": "o", "member": 3, "date": "x", "id": "1"}}"#).unwrap();
        let desired = Policy::parse(r#"{"operator": {"name": "o", "member": 4, "date": "y"}}"#).unwrap();
        let completed = completed(&desired, &there);
        assert_eq!((completed.get("member").unwrap(), completed.date()), (&4.into(), Some("y")));
        assert_eq!(completed.id().as_deref(), Some("1"));
    }
}
