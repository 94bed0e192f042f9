//! One result of a query: a policy, or the object that `join` and `merge` make of several.

use super::{Budget, Exhausted};
use anylog_policy::PolicyRef;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// One result.
#[derive(Clone, Debug)]
pub(super) enum Row<'a> {
    /// A policy as it is, or as much of it as the query reads.
    Known(PolicyRef<'a>),
    /// An object: `{type: body, …}`.
    Made(Map<String, Value>),
    /// An object of a variable.
    Given(&'a Value),
}

impl<'a> Row<'a> {
    /// Returns the first root key, which is the type of a policy.
    pub(super) fn kind(&self) -> Option<&str> {
        match self {
            Self::Known(policy) => Some(policy.kind()),
            Self::Made(map) => map.keys().next().map(String::as_str),
            Self::Given(value) => value.as_object()?.keys().next().map(String::as_str),
        }
    }

    /// Tells whether several policies stand in the row, so that no single type is meant by `*`.
    pub(super) fn is_joined(&self) -> bool {
        matches!(self, Self::Made(map) if map.len() > 1)
    }

    /// Returns the value under a root key.
    pub(super) fn root(&self, key: &str) -> Option<Cow<'_, Value>> {
        match self {
            Self::Known(policy) if policy.kind() == key => Some(Cow::Owned(Value::Object(policy.body().clone()))),
            Self::Known(_) => None,
            Self::Made(map) => map.get(key).map(Cow::Borrowed),
            Self::Given(value) => value.get(key).map(Cow::Borrowed),
        }
    }

    /// Returns an attribute of the object under a root key.
    pub(super) fn attribute(&self, key: &str, name: &str) -> Option<&Value> {
        match self {
            Self::Known(policy) if policy.kind() == key => policy.get(name),
            Self::Known(_) => None,
            Self::Made(map) => step(map.get(key)?, name),
            Self::Given(value) => step(value.get(key)?, name),
        }
    }

    /// Returns the attribute of the body of the first root key.
    pub(super) fn of_body(&self, name: &str) -> Option<&Value> {
        self.attribute(self.kind()?, name)
    }

    /// Returns the object.
    pub(super) fn into_value(self) -> Value {
        match self {
            Self::Known(policy) => policy.into_owned().into_value(),
            Self::Made(map) => Value::Object(map),
            Self::Given(value) => value.clone(),
        }
    }

    /// Returns the object as a map that can be changed.
    pub(super) fn to_map(&self) -> Map<String, Value> {
        match self {
            Self::Known(policy) => Map::from_iter([(policy.kind().to_owned(), Value::Object(policy.body().clone()))]),
            Self::Made(map) => map.clone(),
            Self::Given(value) => value.as_object().cloned().unwrap_or_default(),
        }
    }

    /// Returns the objects under the root keys, which are the bodies of the policies that stand in the row.
    pub(super) fn bodies(&self) -> Vec<&Map<String, Value>> {
        match self {
            Self::Known(policy) => vec![policy.body()],
            Self::Made(map) => map.values().filter_map(Value::as_object).collect(),
            Self::Given(value) => {
                value.as_object().into_iter().flat_map(Map::values).filter_map(Value::as_object).collect()
            }
        }
    }

    /// Charges the memory that the row itself takes in another list: nothing but its place for a policy.
    pub(super) fn charge_reference(&self, budget: &Budget<'_>) -> Result<(), Exhausted> {
        match self {
            Self::Known(_) | Self::Given(_) => budget.keep(size_of::<Self>()),
            Self::Made(map) => budget.keep_map(map),
        }
    }

    /// Charges the memory that a copy of the row takes.
    pub(super) fn charge_copy(&self, budget: &Budget<'_>) -> Result<(), Exhausted> {
        match self {
            Self::Known(policy) => budget.keep_map(policy.body()),
            Self::Made(map) => budget.keep_map(map),
            Self::Given(value) => budget.keep_value(value),
        }
    }
}

/// Returns the objects of rows; made ones were charged when they were made.
pub(super) fn into_values(rows: Vec<Row<'_>>, budget: &Budget<'_>) -> Result<Vec<Value>, Exhausted> {
    let mut values = Vec::with_capacity(rows.len());
    for row in rows {
        if !matches!(row, Row::Made(_)) {
            row.charge_copy(budget)?;
        }
        values.push(row.into_value());
    }
    Ok(values)
}

/// Returns the member of an object, or the item of a list.
pub(super) fn step<'v>(value: &'v Value, segment: &str) -> Option<&'v Value> {
    match value {
        Value::Object(map) => map.get(segment),
        Value::Array(items) => segment.parse::<usize>().ok().and_then(|at| items.get(at)),
        _ => None,
    }
}
