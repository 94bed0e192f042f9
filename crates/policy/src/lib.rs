//! Policies: their value, text, id and date (reference/ledger 1 and 2), and the rules of their types (3).
//!
//! Pure: what a rule needs to know about other policies comes through a trait.

// A dependency that the code does not use fails the lints.
#![cfg_attr(not(test), warn(unused_crate_dependencies))]
#![cfg_attr(not(test), warn(clippy::disallowed_methods, clippy::disallowed_macros))]

pub mod date;
mod error;
pub mod id;
pub mod json;
mod known;
mod listed_policy;
pub mod matching;
mod overlay;
mod policy_ref;
pub mod python;
pub mod rules;
mod unread;

pub use error::Error;
pub use known::{Candidate, Candidates, Known, Policies, Without};
pub use listed_policy::ListedPolicy;
pub use overlay::overlaid;
pub use policy_ref::PolicyRef;
pub use unread::UnreadPolicy;

use serde_json::{Map, Value};

/// One policy: a type and a body whose order of keys is kept (reference/ledger 1.1).
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    kind: String,
    body: Map<String, Value>,
}

impl Policy {
    /// Reads a policy from JSON text, first strictly, then leniently (reference/ledger 1.4).
    ///
    /// # Errors
    /// [`Error::NotJson`] when the text cannot be read, [`Error::Structure`] when it is no policy.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::from_value(json::parse_lenient(text)?)
    }

    /// Takes a value as a policy: an object with exactly one key whose value is an object.
    ///
    /// # Errors
    /// [`Error::Structure`] when the value has another shape.
    pub fn from_value(value: Value) -> Result<Self, Error> {
        let Value::Object(root) = value else {
            return Err(Error::structure("a policy is one JSON object: {\"type\": {…}}"));
        };
        let count = root.len();
        let mut entries = root.into_iter();
        match (entries.next(), count) {
            (Some((kind, Value::Object(body))), 1) => Ok(Self { kind, body }),
            (Some((kind, _)), 1) => Err(Error::Structure(format!("the body of policy '{kind}' is not an object"))),
            _ => Err(Error::Structure(format!("a policy has one type as its only key, this text has {count}"))),
        }
    }

    /// Creates a policy of a type.
    #[must_use]
    pub fn new(kind: impl Into<String>, body: Map<String, Value>) -> Self {
        Self { kind: kind.into(), body }
    }

    /// Returns the type, which is the root key.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Returns the body.
    #[must_use]
    pub const fn body(&self) -> &Map<String, Value> {
        &self.body
    }

    /// Returns one attribute of the body.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.body.get(key)
    }

    /// Returns one attribute when it is text.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.body.get(key).and_then(Value::as_str)
    }

    /// Returns the id as text; nothing when there is none or when it is neither text nor an integer.
    #[must_use]
    pub fn id(&self) -> Option<String> {
        match self.body.get("id")? {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) if !number.is_f64() => Some(number.to_string()),
            _ => None,
        }
    }

    /// Returns the date as written in the body.
    #[must_use]
    pub fn date(&self) -> Option<&str> {
        self.text("date")
    }

    /// Tells whether an attribute equals a text (reference/ledger 7.2); a missing one never does.
    #[must_use]
    pub fn has(&self, key: &str, text: &str) -> bool {
        self.body.get(key).is_some_and(|attribute| matching::equals(attribute, text))
    }

    /// Tells whether only this node knows the policy (`"ledger": "local"`, reference/ledger 1.2).
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.text("ledger").is_some_and(|ledger| ledger.eq_ignore_ascii_case("local"))
    }

    /// Sets an attribute; a new one goes to the end, an existing one keeps its place.
    pub fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.body.insert(key.to_owned(), value.into());
    }

    /// Removes an attribute and returns it; the order of the others stays.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        self.body.shift_remove(key)
    }

    /// Sets the attribute `ledger`; a new value goes to the end (reference/ledger 6.1).
    pub fn set_ledger(&mut self, value: &str) {
        if self.get("ledger").and_then(Value::as_str) != Some(value) {
            self.remove("ledger");
            self.set("ledger", value);
        }
    }

    /// Gives the policy an id and a date where they are missing (reference/ledger 2.1); `now` is the text of the date.
    ///
    /// # Errors
    /// [`Error::Structure`] when the type is empty, or a given id is neither non-empty text nor an integer.
    pub fn prepare(&mut self, now: &str) -> Result<(), Error> {
        if self.kind.is_empty() {
            return Err(Error::structure("the type of a policy is not empty"));
        }
        let has_id = self.body.contains_key("id");
        if has_id && self.id().is_none() {
            return Err(Error::structure("the id of a policy is non-empty text or an integer"));
        }
        if has_id && self.body.contains_key("date") {
            return Ok(());
        }
        let date = self.remove("date").unwrap_or_else(|| now.into());
        let ledger = self.remove("ledger");
        if !has_id {
            let id = id::of(self);
            self.set("id", id);
        }
        self.set("date", date);
        if let Some(ledger) = ledger.filter(|value| !matches!(value, Value::Null) && value.as_str() != Some("")) {
            self.set("ledger", ledger);
        }
        Ok(())
    }

    /// Returns the one line that the ledger stores and every node hashes (reference/ledger 1.3).
    #[must_use]
    pub fn stored_text(&self) -> String {
        json::policy_text(&self.kind, &self.body)
    }

    /// Makes the value `{type: body}` of the policy.
    #[must_use]
    pub fn into_value(self) -> Value {
        Value::Object(Map::from_iter([(self.kind, Value::Object(self.body))]))
    }

    /// Returns the policy as the value `{type: body}`.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Value::Object(Map::from_iter([(self.kind.clone(), Value::Object(self.body.clone()))]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keeps_a_policy_that_has_id_and_date_as_it_is() {
        let text = r#"{"x": {"ledger": "local", "a": 1, "id": "my-id", "date": "d"}}"#;
        let mut policy = Policy::parse(text).unwrap();
        policy.prepare("now").unwrap();
        assert_eq!(policy.stored_text(), text);
    }

    #[test]
    fn puts_id_date_and_ledger_at_the_end() {
        let mut policy = Policy::parse(r#"{"x":{"ledger":"local","a":1,"b":2}}"#).unwrap();
        policy.prepare("now").unwrap();
        let keys: Vec<&String> = policy.body().keys().collect();
        assert_eq!(keys, ["a", "b", "id", "date", "ledger"]);
        assert_eq!(policy.date(), Some("now"));
    }

    #[test]
    fn refuses_ids_that_no_table_can_hold() {
        for id in [json!(null), json!(""), json!(1.5), json!(true), json!(["a"])] {
            let mut policy = Policy::from_value(json!({"x": {"id": id}})).unwrap();
            assert!(matches!(policy.prepare("now"), Err(Error::Structure(_))), "{policy:?}");
        }
        let mut policy = Policy::from_value(json!({"x": {"id": 17}})).unwrap();
        policy.prepare("now").unwrap();
        assert_eq!(policy.id().as_deref(), Some("17"));
    }

    #[test]
    fn refuses_what_is_no_policy() {
        for text in [r#"{"a":{"x":1},"b":{"y":2}}"#, r#"{"a":[1,2]}"#, r#"[{"x":{"a":1}}]"#, "{}", "\"x\"", "5"] {
            assert!(matches!(Policy::parse(text), Err(Error::Structure(_))), "{text}");
        }
        assert!(matches!(Policy::parse("{"), Err(Error::NotJson { .. })));
    }
}
