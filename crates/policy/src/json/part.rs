//! Some attributes of a policy, read from its text without the others.

use super::read::holds_negative_zero;
use crate::Policy;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};
use std::{collections::BTreeSet, fmt};

/// Returns a policy with the attributes of these names alone; nothing when the text is no strict JSON of a policy, or when a
/// value needs the reader that knows all of JSON. What is not asked for is only passed over.
#[must_use]
pub fn policy_part(text: &str, attributes: &BTreeSet<&str>) -> Option<Policy> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let policy = Root(attributes).deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    let is_plain = !policy.body().values().any(holds_negative_zero);
    is_plain.then_some(policy)
}

/// Reads the object with the type as its only key.
struct Root<'w>(&'w BTreeSet<&'w str>);

impl<'de> DeserializeSeed<'de> for Root<'_> {
    type Value = Policy;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Policy, D::Error> {
        input.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Root<'_> {
    type Value = Policy;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object with one key")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Policy, A::Error> {
        let kind: String = map.next_key()?.ok_or_else(|| A::Error::custom("no policy type"))?;
        let body = map.next_value_seed(Body(self.0))?;
        match map.next_key::<IgnoredAny>()? {
            None => Ok(Policy::new(kind, body)),
            Some(_) => Err(A::Error::custom("more than one policy type")),
        }
    }
}

/// Reads the attributes that are asked for.
struct Body<'w>(&'w BTreeSet<&'w str>);

impl<'de> DeserializeSeed<'de> for Body<'_> {
    type Value = Map<String, Value>;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Self::Value, D::Error> {
        input.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Body<'_> {
    type Value = Map<String, Value>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut body = Map::new();
        while let Some(wanted) = map.next_key_seed(Key(self.0))? {
            match wanted {
                Some(name) => drop(body.insert(name.to_owned(), map.next_value()?)),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(body)
    }
}

/// Reads a key: the name, if it is asked for. No key is kept that nobody asked for.
struct Key<'w>(&'w BTreeSet<&'w str>);

impl<'de, 'w> DeserializeSeed<'de> for Key<'w> {
    type Value = Option<&'w str>;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Self::Value, D::Error> {
        input.deserialize_str(self)
    }
}

impl<'w> Visitor<'_> for Key<'w> {
    type Value = Option<&'w str>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.get(key).copied())
    }
}
