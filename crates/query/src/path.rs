//! Paths into policies: `[type][attribute]`, `[*][list][0]`, `[list][][key]`, `[a][b(prefix(3))]`.

use super::{
    reads::Reads,
    row::{Row, step},
};
use anylog_policy::{json, matching::comparable_text};
use serde_json::Value;
use std::{borrow::Cow, collections::BTreeSet};

/// One path of a `bring` item or of a condition.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Path {
    segments: Vec<String>,
    part: Option<Part>,
}

/// The part of a text that is wanted.
#[derive(Clone, Debug, PartialEq)]
enum Part {
    /// Text before the first occurrence.
    Before(String),
    /// Text after the last occurrence.
    After(String),
    /// First characters.
    First(usize),
    /// Last characters.
    Last(usize),
}

/// What a path leads to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Found<'a> {
    /// A value.
    Value(Cow<'a, Value>),
    /// One value per entry of a list.
    Each(Vec<Value>),
}

impl Found<'_> {
    /// Returns the text that `bring` shows: strings as they are, the rest in TEXT form.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Value(value) => comparable_text(value),
            Self::Each(values) => {
                let items: String = values.iter().map(|value| json::text(value) + ",").collect();
                format!("[{items}]")
            }
        }
    }

    /// Returns the value that `bring.json` shows.
    pub(super) fn into_value(self) -> Value {
        match self {
            Self::Value(value) => value.into_owned(),
            Self::Each(values) => Value::Array(values),
        }
    }
}

impl Path {
    /// Reads `[a][b]…`; nothing when the text is no path. `[!name]` is resolved by the caller's function.
    pub(super) fn parse(text: &str, resolve: &dyn Fn(&str) -> String) -> Option<Self> {
        let mut segments = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let inner = rest.strip_prefix('[')?;
            let end = inner.find(']')?;
            let segment = unquoted(inner.get(..end)?.trim());
            segments.push(if segment.starts_with('!') { resolve(segment) } else { segment.to_owned() });
            rest = inner.get(end + 1..)?;
        }
        let part = segments.last_mut().and_then(|last| {
            let (name, part) = split_part(last)?;
            *last = name;
            Some(part)
        });
        (!segments.is_empty()).then_some(Self { segments, part })
    }

    /// Returns the key under which `bring.json` shows the value.
    pub(super) fn key(&self) -> &str {
        match self.segments.as_slice() {
            [only] if only.is_empty() || only == "*" => "policy",
            segments => segments.iter().rev().find(|s| !s.is_empty()).map_or("policy", String::as_str),
        }
    }

    /// Follows the path from the root of a row; nothing when it leads nowhere or to null.
    pub(super) fn root_value<'r>(&self, row: &'r Row<'_>) -> Option<Found<'r>> {
        let (first, rest) = self.segments.split_first()?;
        let any = first.is_empty() || first == "*";
        let kind = if any { row.kind()? } else { first.as_str() };
        if any && !rest.is_empty() && row.is_joined() {
            return None;
        }
        let found = match rest.split_first() {
            None if any => Found::Value(Cow::Owned(Value::String(kind.to_owned()))),
            None => Found::Value(row.root(kind)?),
            Some((name, rest)) if !name.is_empty() => walk(row.attribute(kind, name)?, rest)?,
            Some((_, rest)) => match row.root(kind)? {
                Cow::Borrowed(value) => each(value, rest)?,
                Cow::Owned(_) => return None,
            },
        };
        self.cut(found)
    }

    /// Tells whether the path leads to null.
    pub(super) fn is_null(&self, row: &Row<'_>) -> bool {
        let value = match self.segments.as_slice() {
            [kind, name, rest @ ..] => {
                let kind = if kind.is_empty() || kind == "*" { row.kind() } else { Some(kind.as_str()) };
                let first = kind.and_then(|kind| row.attribute(kind, name));
                rest.iter().try_fold(first, |value, segment| value.map(|value| step(value, segment))).flatten()
            }
            _ => None,
        };
        value.is_some_and(Value::is_null)
    }

    /// Follows the path from the body of a row (conditions, reference/ledger 7.3).
    pub(super) fn body_value<'r>(&self, row: &'r Row<'_>) -> Option<&'r Value> {
        let (first, rest) = self.segments.split_first()?;
        rest.iter().try_fold(row.of_body(first)?, |value, segment| step(value, segment))
    }

    /// Returns the attribute that [`Path::body_value`] reads.
    pub(super) fn attribute_of_body(&self) -> Option<&str> {
        self.segments.first().map(String::as_str)
    }

    /// Returns what [`Path::root_value`] reads of a policy.
    pub(super) fn reads_of_root(&self) -> Reads<'_> {
        match self.segments.as_slice() {
            [kind] if !(kind.is_empty() || kind == "*") => Reads::Whole,
            [_, name, ..] => Reads::Attributes(BTreeSet::from([name.as_str()])),
            _ => Reads::default(),
        }
    }

    fn cut<'f>(&self, found: Found<'f>) -> Option<Found<'f>> {
        let Found::Value(value) = &found else { return Some(found) };
        if value.is_null() {
            return None;
        }
        let Some(part) = &self.part else { return Some(found) };
        let text = value.as_str().map(|text| part.of(text)).unwrap_or_default();
        Some(Found::Value(Cow::Owned(Value::String(text))))
    }
}

fn walk<'v>(value: &'v Value, segments: &[String]) -> Option<Found<'v>> {
    match segments.split_first() {
        None => Some(Found::Value(Cow::Borrowed(value))),
        Some((segment, rest)) if segment.is_empty() => each(value, rest),
        Some((segment, rest)) => walk(step(value, segment)?, rest),
    }
}

/// Follows the rest of a path in every entry of a list.
fn each<'v>(value: &'v Value, segments: &[String]) -> Option<Found<'v>> {
    let items = value.as_array()?;
    if segments.is_empty() {
        return Some(Found::Value(Cow::Borrowed(value)));
    }
    Some(Found::Each(items.iter().filter_map(|item| walk(item, segments)).map(Found::into_value).collect()))
}

fn unquoted(segment: &str) -> &str {
    let quoted = |quote: char| segment.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    quoted('"').or_else(|| quoted('\'')).unwrap_or(segment)
}

/// Splits `name(prefix(3))` into the name and the part.
fn split_part(segment: &str) -> Option<(String, Part)> {
    let (name, call) = segment.strip_suffix(')')?.split_once('(')?;
    let (function, argument) = call.trim().strip_suffix(')')?.split_once('(')?;
    let part = match function {
        "find" => Part::Before(argument.to_owned()),
        "rfind" => Part::After(argument.to_owned()),
        "prefix" => Part::First(argument.trim().parse().ok()?),
        "suffix" => Part::Last(argument.trim().parse().ok()?),
        _ => return None,
    };
    Some((name.trim().to_owned(), part))
}

impl Part {
    fn of(&self, text: &str) -> String {
        match self {
            Self::Before(mark) => text.split_once(mark.as_str()).map_or("", |(before, _)| before).to_owned(),
            Self::After(mark) => text.rsplit_once(mark.as_str()).map_or("", |(_, after)| after).to_owned(),
            Self::First(count) => text.chars().take(*count).collect(),
            Self::Last(count) => text.chars().skip(text.chars().count().saturating_sub(*count)).collect(),
        }
    }
}
