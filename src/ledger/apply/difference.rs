//! What differs between two policies, path by path.

use crate::policy::Policy;
use serde_json::{Map, Value};

/// One attribute that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributeChange {
    /// Where it stands: `ip`, `table[0].name`; a key that is no plain word is written as JSON: `a."b.c"`.
    pub path: String,
    /// What it was; nothing for one that is added.
    pub old: Option<Value>,
    /// What it becomes; nothing for one that is removed.
    pub new: Option<Value>,
}

/// Returns what differs between the bodies of two policies, in the order of the new one, what is removed behind it. The order
/// of attributes is no difference, and neither is `ledger`.
#[must_use]
pub fn differences(old: &Policy, new: &Policy) -> Vec<AttributeChange> {
    let mut found = Vec::new();
    objects("", old.body(), new.body(), &mut found);
    found.retain(|change| change.path != "ledger");
    found
}

/// Returns every attribute of a policy that is added or removed as a whole.
pub fn attributes(policy: &Policy) -> impl Iterator<Item = (String, &Value)> {
    policy.body().iter().filter(|(key, _)| *key != "ledger").map(|(key, value)| (path("", key), value))
}

fn objects(at: &str, old: &Map<String, Value>, new: &Map<String, Value>, found: &mut Vec<AttributeChange>) {
    for (key, value) in new {
        match old.get(key) {
            Some(before) => values(&path(at, key), before, value, found),
            None => found.push(AttributeChange { path: path(at, key), old: None, new: Some(value.clone()) }),
        }
    }
    for (key, value) in old.iter().filter(|(key, _)| !new.contains_key(*key)) {
        found.push(AttributeChange { path: path(at, key), old: Some(value.clone()), new: None });
    }
}

fn values(at: &str, old: &Value, new: &Value, found: &mut Vec<AttributeChange>) {
    match (old, new) {
        (old, new) if old == new => {}
        (Value::Object(old), Value::Object(new)) => objects(at, old, new, found),
        (Value::Array(old), Value::Array(new)) => {
            for place in 0..old.len().max(new.len()) {
                let here = format!("{at}[{place}]");
                match (old.get(place), new.get(place)) {
                    (Some(old), Some(new)) => values(&here, old, new, found),
                    (old, new) => {
                        found.push(AttributeChange { path: here, old: old.cloned(), new: new.cloned() });
                    }
                }
            }
        }
        (old, new) => {
            let (old, new) = (Some(old.clone()), Some(new.clone()));
            found.push(AttributeChange { path: at.to_owned(), old, new });
        }
    }
}

/// Returns the path of an attribute below another one, or below the body where that is empty.
#[must_use]
pub fn path(at: &str, key: &str) -> String {
    let is_plain = !key.is_empty() && key.chars().all(|sign| sign.is_alphanumeric() || matches!(sign, '_' | '-'));
    let key = if is_plain { key.to_owned() } else { Value::from(key).to_string() };
    if at.is_empty() { key } else { format!("{at}.{key}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn changes(old: &str, new: &str) -> Vec<(String, Option<Value>, Option<Value>)> {
        let differences = differences(&Policy::parse(old).unwrap(), &Policy::parse(new).unwrap());
        differences.into_iter().map(|change| (change.path, change.old, change.new)).collect()
    }

    #[test]
    fn each_path_is_told_once() {
        let old = r#"{"d": {"a": 1, "b": {"x": [1, 2, {"y": 3}], "z": 0}, "gone": "g", "ledger": "local"}}"#;
        let new = r#"{"d": {"b": {"z": 0, "x": [1, 5, {"y": 4}, 6]}, "a": 1, "a.b": null, "ledger": "global"}}"#;
        assert_eq!(
            changes(old, new),
            [
                ("b.x[1]".to_owned(), Some(json!(2)), Some(json!(5))),
                ("b.x[2].y".to_owned(), Some(json!(3)), Some(json!(4))),
                ("b.x[3]".to_owned(), None, Some(json!(6))),
                ("\"a.b\"".to_owned(), None, Some(json!(null))),
                ("gone".to_owned(), Some(json!("g")), None),
            ]
        );
        assert_eq!(changes(new, new), []);
    }

    #[test]
    fn another_kind_of_value_is_a_difference() {
        let found = changes(r#"{"d": {"port": "1", "l": [1], "n": 1}}"#, r#"{"d": {"port": 1, "l": {}, "n": 1.0}}"#);
        assert_eq!(found.len(), 3, "{found:?}");
    }
}
