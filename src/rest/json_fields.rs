//! The keys of a JSON body that steer a request. What else the body holds is passed over and kept nowhere: a body of a few
//! megabytes that holds a list would take twenty times as much as values.

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use std::fmt;

/// Keys that count, in lower case.
const NAMES: [&str; 10] =
    ["user-agent", "anylog-agent", "command", "destination", "timeout", "subset", "into", "assignment", "dbms", "sql"];

/// The value of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonField {
    /// A text, without blanks around it.
    Text(String),
    /// A number or `true` or `false`, as JSON writes it; empty for everything else.
    Other(String),
}

impl JsonField {
    /// Tells whether it is a text.
    #[must_use]
    pub const fn is_text(&self) -> bool {
        matches!(self, Self::Text(_))
    }

    /// Returns the value as a text.
    #[must_use]
    pub fn text(&self) -> &str {
        let (Self::Text(text) | Self::Other(text)) = self;
        text
    }

    /// Returns the value as a text.
    #[must_use]
    pub fn into_text(self) -> String {
        let (Self::Text(text) | Self::Other(text)) = self;
        text
    }
}

/// Reads the fields of a body that is one JSON object, with their names in lower case; none for any other body.
#[must_use]
pub fn read(body: &[u8]) -> Option<Vec<(String, JsonField)>> {
    serde_json::from_slice::<JsonFields>(body).ok().map(|fields| fields.0)
}

struct JsonFields(Vec<(String, JsonField)>);

impl<'de> Deserialize<'de> for JsonFields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = JsonFields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<JsonFields, A::Error> {
        let mut fields: Vec<(String, JsonField)> = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            let name = key.to_lowercase();
            if !NAMES.contains(&name.as_str()) {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let value = map.next_value::<JsonField>()?;
            // A key that is repeated counts once, or a body of one key could become a list of millions.
            match fields.iter_mut().find(|(known, _)| *known == name) {
                Some(known) => known.1 = value,
                None => fields.push((name, value)),
            }
        }
        Ok(JsonFields(fields))
    }
}

impl<'de> Deserialize<'de> for JsonField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor)
    }
}

struct FieldVisitor;

impl<'de> Visitor<'de> for FieldVisitor {
    type Value = JsonField;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<JsonField, E> {
        Ok(JsonField::Text(text.trim().to_owned()))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<JsonField, E> {
        Ok(JsonField::Other(value.to_string()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<JsonField, E> {
        Ok(JsonField::Other(value.to_string()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<JsonField, E> {
        Ok(JsonField::Other(value.to_string()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<JsonField, E> {
        Ok(JsonField::Other(value.to_string()))
    }

    fn visit_unit<E: Error>(self) -> Result<JsonField, E> {
        Ok(JsonField::Other(String::new()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<JsonField, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(JsonField::Other(String::new()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<JsonField, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(JsonField::Other(String::new()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_keys_that_steer_a_request() {
        let body =
            br#"{"Command": " get status ", "timeout": 5, "subset": true, "x": [1, {"a": 2}], "into": {"a": [1]}}"#;
        let text = |text: &str| JsonField::Text(text.to_owned());
        let other = |text: &str| JsonField::Other(text.to_owned());
        let fields = read(body).unwrap();
        let expected =
            [("command", text("get status")), ("timeout", other("5")), ("subset", other("true")), ("into", other(""))];
        assert_eq!(fields, expected.map(|(name, value)| (name.to_owned(), value)));
        assert_eq!(read(br#"{"command": "a", "COMMAND": "b"}"#).unwrap(), [("command".to_owned(), text("b"))]);
        for wrong in [&b"[]"[..], b"", b"{\"command\": bad}", b"{} x", b"7"] {
            assert_eq!(read(wrong), None);
        }
    }
}
