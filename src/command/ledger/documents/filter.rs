//! Which policies a list has.

use crate::policy::{Policy, UnreadPolicy};
use serde_json::Value;

/// Which policies are asked for; all conditions have to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyFilter {
    /// The type, in its own case.
    pub kind: Option<String>,
    /// Values below paths of keys.
    pub conditions: Vec<PathCondition>,
    /// A text that some key or value has in it, whatever its case.
    pub text: Option<String>,
}

/// A value that has to stand below a path of keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathCondition {
    /// The keys from the body of the policy down; of a list any item will do.
    pub path: Vec<String>,
    /// The value: a text as it is, anything else as JSON writes it.
    pub value: String,
}

impl PolicyFilter {
    /// Tells whether policies have to be read to know which of them are asked for.
    #[must_use]
    pub fn reads(&self) -> bool {
        self.text.is_some() || !self.conditions.is_empty()
    }

    /// Tells whether a stored text may be that of a policy that is asked for. It costs less than to read the policy, and says
    /// yes where only the policy can tell.
    #[must_use]
    pub fn may_take(&self, stored: &str) -> bool {
        self.text.as_deref().is_none_or(|text| has_in_it(stored, longest_plain(text)))
            && self.conditions.iter().all(|condition| condition.may_hold(stored))
    }

    /// Reads of a policy what decides whether it is asked for: a text may stand anywhere, a value stands below the first key of
    /// its path.
    #[must_use]
    pub fn read(&self, unread: &UnreadPolicy<'_>) -> Option<Policy> {
        if self.text.is_some() {
            return unread.whole();
        }
        let attributes = self.conditions.iter().filter_map(|condition| condition.path.first()).map(String::as_str);
        unread.part(&attributes.collect())
    }

    /// Tells whether a policy is asked for.
    #[must_use]
    pub fn takes(&self, policy: &Policy) -> bool {
        self.kind.as_deref().is_none_or(|kind| kind == policy.kind())
            && self.conditions.iter().all(|condition| condition.holds(policy))
            && self.text.as_deref().is_none_or(|text| is_said(policy, text))
    }
}

/// Returns the longest part of a text that stands in stored texts as it is: they escape quotes, backslashes and what is not ASCII.
fn longest_plain(text: &str) -> &str {
    let stays = |sign: char| (' '..='~').contains(&sign) && !matches!(sign, '"' | '\\' | '/');
    text.split(|sign| !stays(sign)).max_by_key(|part| part.len()).unwrap_or_default()
}

impl PathCondition {
    /// As [`PolicyFilter::may_take`]. Numbers are written in more than one way.
    fn may_hold(&self, stored: &str) -> bool {
        let is_number = self.value.parse::<f64>().is_ok();
        let value = if is_number { "" } else { longest_plain(&self.value) };
        stored.contains(value) && self.path.last().is_none_or(|key| stored.contains(longest_plain(key)))
    }

    fn holds(&self, policy: &Policy) -> bool {
        let Some((first, rest)) = self.path.split_first() else { return false };
        policy.get(first).is_some_and(|value| is_below(value, rest, &self.value))
    }
}

fn is_below(value: &Value, path: &[String], wanted: &str) -> bool {
    if let Value::Array(items) = value {
        return items.iter().any(|item| is_below(item, path, wanted));
    }
    match (path.split_first(), value) {
        (None, Value::String(text)) => text == wanted,
        (None, Value::Object(_)) => false,
        (None, plain) => serde_json::to_string(plain).is_ok_and(|text| text == wanted),
        (Some((key, rest)), Value::Object(map)) => map.get(key).is_some_and(|inner| is_below(inner, rest, wanted)),
        (Some(_), _) => false,
    }
}

fn is_said(policy: &Policy, text: &str) -> bool {
    let says = |part: &str| has_in_it(part, text);
    says(policy.kind()) || policy.body().iter().any(|(key, value)| says(key) || is_said_by(value, &says))
}

fn is_said_by(value: &Value, says: &impl Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => says(text),
        Value::Array(items) => items.iter().any(|item| is_said_by(item, says)),
        Value::Object(map) => map.iter().any(|(key, value)| says(key) || is_said_by(value, says)),
        plain => says(&plain.to_string()),
    }
}

/// Tells whether a text has another one in it, whatever their case.
fn has_in_it(text: &str, part: &str) -> bool {
    if text.is_ascii() && part.is_ascii() {
        // A search that goes through the text once, whatever is looked for.
        return text.to_ascii_lowercase().contains(&part.to_ascii_lowercase());
    }
    // Letter by letter: what a letter becomes must not depend on those beside it.
    let lower = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<String>();
    lower(text).contains(&lower(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn policy() -> Policy {
        let text = r#"{"cluster": {"name": "Köln", "port": 7, "on": true, "table": [{"name": "a", "dbms": "x"}, {"name": "b"}], "none": null, "a.b": 1}}"#;
        Policy::parse(text).unwrap()
    }

    proptest! {
        #[test]
        fn what_is_in_a_policy_is_found_and_never_passed_over(key in "[a-z]{1,5}", value in "\\PC{0,12}", from in 0..12_usize) {
            let mut body = serde_json::Map::new();
            body.insert(key.clone(), value.clone().into());
            let policy = Policy::new("device", body);
            let part: String = value.chars().skip(from).collect();
            let filter = PolicyFilter { text: Some(part), ..PolicyFilter::default() };
            prop_assert!(filter.takes(&policy) && filter.may_take(&policy.stored_text()));
            let condition = PathCondition { path: vec![key], value };
            prop_assert!(condition.holds(&policy) && condition.may_hold(&policy.stored_text()));
        }
    }

    #[test]
    fn values_are_found_below_their_keys() {
        let holds = |path: &str, value: &str| {
            let path = path.split('/').map(str::to_owned).collect();
            PathCondition { path, value: value.to_owned() }.holds(&policy())
        };
        for (path, value) in [("name", "Köln"), ("port", "7"), ("on", "true"), ("table/name", "b"), ("none", "null")] {
            assert!(holds(path, value), "{path} = {value}");
            let path = path.split('/').map(str::to_owned).collect();
            assert!(PathCondition { path, value: value.to_owned() }.may_hold(&policy().stored_text()));
        }
        for (path, value) in
            [("name", "köln"), ("port", "07"), ("table", "b"), ("table/name", "c"), ("x/y", "1"), ("name/x", "")]
        {
            assert!(!holds(path, value), "{path} = {value}");
        }
    }

    #[test]
    fn a_text_is_found_in_keys_and_values_whatever_its_case() {
        let takes = |text: &str| {
            let filter = PolicyFilter { text: Some(text.to_owned()), ..PolicyFilter::default() };
            assert!(filter.may_take(&policy().stored_text()) || !filter.takes(&policy()), "{text}");
            filter.takes(&policy())
        };
        assert!(["KÖL", "clust", "DBMS", "7", ""].into_iter().all(takes));
        assert!(!["bonn", "77"].into_iter().any(takes));
    }
}
