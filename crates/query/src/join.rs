//! `join (QUERY)` and `merge (QUERY)` (reference/ledger 7.4).

use super::{Error, Query, row::Row};
use anylog_policy::Known;
use anylog_script::{Scope, Word, words};
use serde_json::{Map, Value};

/// Queries inside each other.
const LEVELS: usize = 8;

/// A second query that runs for every result of the first.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Join {
    kind: Kind,
    query: Box<Query>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Join,
    Merge,
}

impl Join {
    /// Reads `join (blockchain get …)` or `merge (…)`.
    pub(super) fn parse(kind: &Word, query: Option<&Word>, scope: &dyn Scope, level: usize) -> Result<Self, Error> {
        let kind_text = &kind.text;
        let kind = if kind_text == "join" { Kind::Join } else { Kind::Merge };
        let inner = query.and_then(|word| word.text.strip_prefix('(')?.strip_suffix(')'));
        let Some(inner) = inner else {
            return Err(Error::structure(format!("a query in parentheses is expected after '{kind_text}'")));
        };
        if level >= LEVELS {
            return Err(Error::structure("too many queries inside each other"));
        }
        let words = words(inner)?;
        let [first, second, rest @ ..] = words.as_slice() else {
            return Err(Error::structure(format!("'{kind_text}' takes (blockchain get …)")));
        };
        if !first.is("blockchain") || !(second.is("get") || second.is("read")) {
            return Err(Error::structure(format!("'{kind_text}' takes (blockchain get …), not ({inner})")));
        }
        Ok(Self { kind, query: Box::new(Query::parse_inner(rest, scope, level + 1)?) })
    }

    /// Combines every row with its matches. Rows without a match stay only when no row has one; rows without the
    /// attribute that the query asks for have none; without any match the last row decides whether that is an error.
    pub(super) fn combine<'a>(&self, rows: Vec<Row<'a>>, known: &'a dyn Known) -> Result<Vec<Row<'a>>, Error> {
        let mut combined = Vec::new();
        let mut absent = None;
        for left in &rows {
            let query = match self.query.bound(left) {
                Ok(query) => query,
                Err(key) => {
                    absent = Some(key);
                    continue;
                }
            };
            absent = None;
            let matches = query.select(known)?;
            match self.kind {
                Kind::Join => combined.extend(matches.iter().map(|right| Row::Made(joined(left, right)))),
                Kind::Merge if matches.is_empty() => {}
                Kind::Merge => combined.push(Row::Made(merged(left, &matches))),
            }
        }
        match absent {
            Some(key) if combined.is_empty() => {
                Err(Error::Condition(format!("no policy on the left has a match; some have no value for '{key}'")))
            }
            _ if combined.is_empty() => Ok(rows),
            _ => Ok(combined),
        }
    }
}

fn joined(left: &Row<'_>, right: &Row<'_>) -> Map<String, Value> {
    let mut both = left.to_map();
    both.extend(right.to_map());
    both
}

fn merged(left: &Row<'_>, matches: &[Row<'_>]) -> Map<String, Value> {
    let mut map = left.to_map();
    if let Some((_, Value::Object(body))) = map.iter_mut().next() {
        for (_, other) in matches.iter().flat_map(Row::to_map) {
            if let Value::Object(other) = other {
                for (key, value) in other {
                    body.entry(key).or_insert(value);
                }
            }
        }
    }
    map
}
