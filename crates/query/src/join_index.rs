//! Finds the rows on the right of a join by the text that the left asks for.

use super::{Budget, Exhausted, filter::Attribute, row::Row};
use serde_json::Value;
use std::collections::HashMap;

/// Places of rows under what their attribute may equal. It finds every row that equals a text, and some that do not: the
/// condition itself still decides.
#[derive(Debug, Default)]
pub(super) struct JoinIndex {
    places: HashMap<Key, Vec<usize>>,
    /// Rows whose attribute equals every text.
    any: Vec<usize>,
}

/// What an attribute and a text have in common when they are equal (`anylog_policy::matching::equals`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    /// In lower case.
    Text(String),
    Integer(i128),
    /// Its bits.
    Float(u64),
    Truth(bool),
}

impl JoinIndex {
    /// Reads the attribute of every row.
    pub(super) fn new(rows: &[Row<'_>], attribute: &Attribute, budget: &Budget<'_>) -> Result<Self, Exhausted> {
        let mut index = Self::default();
        for (place, row) in rows.iter().enumerate() {
            budget.work(1)?;
            attribute.any_value(row, |value| index.add(value, place, budget).map(|()| false))?;
        }
        Ok(index)
    }

    /// Returns the places of all rows that may equal a text, in order.
    pub(super) fn find(&self, text: &str, budget: &Budget<'_>) -> Result<Vec<usize>, Exhausted> {
        budget.read(text.len())?;
        let lower = text.to_lowercase();
        let truth = match lower.as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        };
        let keys = [
            text.trim().parse().ok().map(Key::Integer),
            text.parse().ok().and_then(float),
            truth.map(Key::Truth),
            Some(Key::Text(lower)),
        ];
        let places = keys.into_iter().flatten().filter_map(|key| self.places.get(&key));
        let mut found = Vec::new();
        for places in places.chain([&self.any]) {
            budget.read(size_of_val(places.as_slice()))?;
            found.extend_from_slice(places);
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    fn add(&mut self, value: &Value, place: usize, budget: &Budget<'_>) -> Result<(), Exhausted> {
        let key = match value {
            Value::String(text) if text == "*" => {
                self.any.push(place);
                return budget.keep(size_of::<usize>());
            }
            Value::String(text) => {
                budget.keep(text.len())?;
                Some(Key::Text(text.to_lowercase()))
            }
            Value::Array(items) => {
                for item in items.iter().filter_map(Value::as_str) {
                    budget.keep(item.len())?;
                    // An item equals a text in lower case as it is.
                    self.put(Key::Text(item.to_owned()), place, budget)?;
                }
                None
            }
            Value::Number(number) if number.is_f64() => number.as_f64().and_then(float),
            Value::Number(number) => {
                number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from)).map(Key::Integer)
            }
            Value::Bool(truth) => Some(Key::Truth(*truth)),
            Value::Null | Value::Object(_) => None,
        };
        key.map_or(Ok(()), |key| self.put(key, place, budget))
    }

    fn put(&mut self, key: Key, place: usize, budget: &Budget<'_>) -> Result<(), Exhausted> {
        budget.keep(size_of::<(Key, Vec<usize>)>())?;
        self.places.entry(key).or_default().push(place);
        Ok(())
    }
}

/// Returns the key of a number; both zeros are one, and what is no number equals nothing.
fn float(number: f64) -> Option<Key> {
    let number = if number == 0.0 { 0.0 } else { number };
    (!number.is_nan()).then(|| Key::Float(number.to_bits()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use anylog_policy::matching::equals;
    use proptest::prelude::*;
    use serde_json::json;

    fn attributes() -> impl Strategy<Value = Value> {
        let text = "[ *aAß1Σİ.0-]{0,3}|true|FALSE|\\*";
        prop_oneof![
            text.prop_map(Value::from),
            proptest::collection::vec(text, 0..3).prop_map(|items| json!(items)),
            (-3_i64..3).prop_map(Value::from),
            Just(json!(u64::MAX)),
            prop_oneof![Just(0.0), Just(-0.0), Just(1.0), Just(1.5)].prop_map(|number: f64| json!(number)),
            any::<bool>().prop_map(Value::from),
            Just(Value::Null),
            Just(json!({"a": "a"})),
        ]
    }

    proptest! {
        #[test]
        fn every_attribute_that_equals_a_text_is_found(
            values in proptest::collection::vec(attributes(), 0..20),
            text in "[ *aAßSs1Σσςİi.0-]{0,3}|true|False|18446744073709551615| 1 |-0|1e0",
        ) {
            let budget = Budget::unlimited();
            let mut index = JoinIndex::default();
            for (place, value) in values.iter().enumerate() {
                index.add(value, place, &budget).unwrap();
            }
            let found = index.find(&text, &budget).unwrap();
            for (place, value) in values.iter().enumerate() {
                prop_assert!(!equals(value, &text) || found.contains(&place), "{value} = {text}");
            }
        }
    }
}
