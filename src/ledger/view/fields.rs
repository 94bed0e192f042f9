//! The fields of a policy that columns and indexes need, read from its text without building the whole value.

use crate::policy::Policy;
use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::fmt;

/// The type and those attributes of a policy that columns and indexes need.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyFields {
    /// The root key.
    pub kind: String,
    /// `id` as text: the text itself, or the digits of an integer (reference/ledger 4.3).
    pub id: Option<String>,
    /// True when `id` is there and no plain text: it may equal anything.
    pub other_id: bool,
    /// `date` when it is text.
    pub date: Option<String>,
    /// `company` as column text.
    pub company: Option<String>,
    /// `status` as column text.
    pub status: Option<String>,
    /// `name`, any value.
    pub name: Option<Value>,
    /// `ip`, any value.
    pub ip: Option<Value>,
    /// `port`, any value.
    pub port: Option<Value>,
    /// `parent` when it is text.
    pub parent: Option<String>,
    /// `cluster` when it is text.
    pub cluster: Option<String>,
    /// True when `ledger` is `local`, ignoring case.
    pub local: bool,
}

impl PolicyFields {
    /// Reads the fields from a stored text; nothing when the text is not an object with one key and an object under it.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str::<Root>(text).ok().map(|root| root.0)
    }

    /// Reads the fields from a text that scripts or people wrote: from strict JSON, else from what the lenient reader of
    /// policies accepts.
    #[must_use]
    pub fn read_lenient(text: &str) -> Option<Self> {
        Self::read(text).or_else(|| {
            let policy = Policy::parse(text).ok()?;
            Self::read(&policy.stored_text())
        })
    }

    /// Takes the fields from a policy: the same that [`PolicyFields::read`] finds in its stored text.
    #[must_use]
    pub fn from_policy(policy: &Policy) -> Self {
        let mut fields = Self { kind: policy.kind().to_owned(), ..Self::default() };
        for key in WANTED {
            if let Some(value) = policy.get(key) {
                fields.set(key, value.clone());
            }
        }
        fields
    }

    /// Returns the id of a policy as its column holds it.
    #[must_use]
    pub fn id_of(policy: &Policy) -> Option<String> {
        policy.get("id").and_then(column_text)
    }

    fn set(&mut self, key: &str, value: Value) {
        match key {
            "id" => {
                self.other_id =
                    !matches!(&value, Value::Null | Value::Object(_)) && value.as_str().is_none_or(|id| id == "*");
                self.id = column_text(&value);
            }
            "date" => self.date = value.as_str().map(str::to_owned),
            "company" => self.company = column_text(&value),
            "status" => self.status = column_text(&value),
            "name" => self.name = Some(value),
            "ip" => self.ip = Some(value),
            "port" => self.port = Some(value),
            "cluster" => self.cluster = value.as_str().map(str::to_owned),
            "parent" => self.parent = value.as_str().map(str::to_owned),
            _ => self.local = value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("local")),
        }
    }
}

/// Returns a value as the text that a column holds; a null stays null.
fn column_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

const WANTED: [&str; 10] = ["cluster", "id", "date", "company", "status", "name", "ip", "port", "parent", "ledger"];

struct Root(PolicyFields);

impl<'de> Deserialize<'de> for Root {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_map(RootVisitor)
    }
}

struct RootVisitor;

impl<'de> Visitor<'de> for RootVisitor {
    type Value = Root;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object with one key")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Root, A::Error> {
        let kind: String = map.next_key()?.ok_or_else(|| A::Error::custom("no policy type"))?;
        let Body(mut fields) = map.next_value()?;
        fields.kind = kind;
        match map.next_key::<IgnoredAny>()? {
            None => Ok(Root(fields)),
            Some(_) => Err(A::Error::custom("more than one policy type")),
        }
    }
}

struct Body(PolicyFields);

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_map(BodyVisitor)
    }
}

struct BodyVisitor;

impl<'de> Visitor<'de> for BodyVisitor {
    type Value = Body;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Body, A::Error> {
        let mut fields = PolicyFields::default();
        while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            if WANTED.contains(&key.as_ref()) {
                fields.set(&key, map.next_value()?);
            } else {
                map.next_value::<Skipped>()?;
            }
        }
        Ok(Body(fields))
    }
}

/// A value that nobody needs here. Unlike [`IgnoredAny`] it has to be one that a policy can hold: numbers are finite and
/// nothing is deeper than the reader of policies goes.
struct Skipped;

impl<'de> Deserialize<'de> for Skipped {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(SkippedVisitor)
    }
}

struct SkippedVisitor;

impl<'de> Visitor<'de> for SkippedVisitor {
    type Value = Skipped;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Skipped, E> {
        Ok(Skipped)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Skipped, E> {
        Ok(Skipped)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Skipped, E> {
        Ok(Skipped)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Skipped, E> {
        Ok(Skipped)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Skipped, E> {
        Ok(Skipped)
    }

    fn visit_str<E>(self, _: &str) -> Result<Skipped, E> {
        Ok(Skipped)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Skipped, A::Error> {
        while list.next_element::<Skipped>()?.is_some() {}
        Ok(Skipped)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Skipped, A::Error> {
        while map.next_entry::<IgnoredAny, Skipped>()?.is_some() {}
        Ok(Skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_what_the_columns_need() {
        let fields =
            PolicyFields::read(r#"{"op": {"x": [1, {"id": 2}], "id": 5, "company": "A'B", "ledger": "LOCAL"}}"#)
                .unwrap();
        assert_eq!((fields.kind.as_str(), fields.id.as_deref()), ("op", Some("5")));
        assert_eq!(fields.company.as_deref(), Some("A'B"));
        assert!(fields.local);
    }

    proptest! {
        #[test]
        fn fields_of_a_policy_are_those_of_its_text(
            key in "id|date|company|status|name|ip|port|parent|cluster|ledger|other",
            value in "-?[0-9]{1,22}|-?[0-9]{1,3}[.][0-9]{1,9}(e[0-9])?|true|null|\"[a-z\\u{e4}']{0,6}\"|\"LOCAL\"|[\\[]1, \"a\"[\\]]",
        ) {
            if let Ok(policy) = Policy::parse(&format!(r#"{{"op": {{"{key}": {value}, "id": "i"}}}}"#)) {
                prop_assert_eq!(PolicyFields::read(&policy.stored_text()), Some(PolicyFields::from_policy(&policy)));
            }
        }
    }

    #[test]
    fn refuses_what_is_no_policy() {
        let deep = format!(r#"{{"a": {{"x": {}{}}}}}"#, "[".repeat(500), "]".repeat(500));
        let not_finite = [r#"{"a": {"id": "i", "x": 1e400}}"#, r#"{"a": {"x": [{"y": -1e999}]}}"#, &deep];
        for text in not_finite {
            assert_eq!((PolicyFields::read_lenient(text), Policy::parse(text).ok()), (None, None), "{text}");
        }
        for text in ["", "[]", "{}", r#"{"a": 1}"#, r#"{"a": {}, "b": {}}"#, r#"{"a": {}} x"#, r#"{"a": {"#] {
            assert_eq!(PolicyFields::read(text), None, "{text}");
        }
    }
}
