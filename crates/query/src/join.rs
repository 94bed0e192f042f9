//! `join (QUERY)` and `merge (QUERY)` (reference/ledger 7.4).
//!
//! The right side is read once, and found by an index of the attribute by which the left asks for it: a join costs what it
//! reads and what it answers, not their product.

use super::{Budget, Error, Exhausted, Query, filter::Bound, join_index::JoinIndex, reads::Reads, row::Row};
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

    /// Returns the query on the right.
    pub(super) const fn query(&self) -> &Query {
        &self.query
    }

    /// Combines every row with its matches. Rows without a match stay only when no row has one; rows without the
    /// attribute that the query asks for have none; without any match the last row decides whether that is an error.
    pub(super) fn combine<'a>(
        &self,
        rows: Vec<Row<'a>>,
        known: &'a dyn Known,
        budget: &Budget<'_>,
    ) -> Result<Vec<Row<'a>>, Error> {
        RightSide::read(self, known, budget)?.combine(rows, budget)
    }
}

/// What stands on the right of a join: everything that it may find, whatever the left asks for.
struct RightSide<'q, 'a> {
    join: &'q Join,
    rows: Vec<Row<'a>>,
    /// Where the left asks by an attribute.
    index: Option<JoinIndex>,
    /// What is joined to the matches.
    next: Option<Box<RightSide<'q, 'a>>>,
}

impl<'q, 'a> RightSide<'q, 'a> {
    fn read(join: &'q Join, known: &'a dyn Known, budget: &Budget<'_>) -> Result<Self, Error> {
        let query = &join.query;
        let rows = query.types.select(known, &query.filter, Reads::Whole, budget)?;
        let index =
            query.filter.asked_by_left().map(|attribute| JoinIndex::new(&rows, attribute, budget)).transpose()?;
        let next = query.join.as_ref().map(|join| Self::read(join, known, budget)).transpose()?;
        Ok(Self { join, rows, index, next: next.map(Box::new) })
    }

    fn combine(&self, rows: Vec<Row<'a>>, budget: &Budget<'_>) -> Result<Vec<Row<'a>>, Error> {
        let mut combined = Vec::new();
        let mut absent = None;
        for left in &rows {
            budget.work(1)?;
            let bound = match self.join.query.filter.bound(left) {
                Ok(bound) => bound,
                Err(key) => {
                    absent = Some(key);
                    continue;
                }
            };
            absent = None;
            let mut matches = self.matches(&bound, budget)?;
            if let Some(next) = &self.next {
                matches = next.combine(matches, budget)?;
            }
            match self.join.kind {
                Kind::Join => {
                    for right in &matches {
                        combined.push(Row::Made(joined(left, right, budget)?));
                    }
                }
                Kind::Merge if matches.is_empty() => {}
                Kind::Merge => combined.push(Row::Made(merged(left, &matches, budget)?)),
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

    /// Returns the rows that are what the left asks for, in ledger order.
    fn matches(&self, bound: &Bound<'_>, budget: &Budget<'_>) -> Result<Vec<Row<'a>>, Exhausted> {
        let mut matches = Vec::new();
        let mut take = |row: &Row<'a>| -> Result<(), Exhausted> {
            budget.work(1)?;
            if bound.accepts(row, budget)? {
                row.charge_reference(budget)?;
                matches.push(row.clone());
            }
            Ok(())
        };
        match self.index.as_ref().zip(bound.first_text()) {
            None => self.rows.iter().try_for_each(&mut take)?,
            Some((index, text)) => {
                let found = index.find(text, budget)?;
                found.iter().filter_map(|place| self.rows.get(*place)).try_for_each(&mut take)?;
            }
        }
        Ok(matches)
    }
}

fn joined(left: &Row<'_>, right: &Row<'_>, budget: &Budget<'_>) -> Result<Map<String, Value>, Exhausted> {
    budget.keep_row()?;
    left.charge_copy(budget)?;
    right.charge_copy(budget)?;
    let mut both = left.to_map();
    both.extend(right.to_map());
    Ok(both)
}

fn merged(left: &Row<'_>, matches: &[Row<'_>], budget: &Budget<'_>) -> Result<Map<String, Value>, Exhausted> {
    budget.keep_row()?;
    left.charge_copy(budget)?;
    let mut map = left.to_map();
    if let Some((_, Value::Object(body))) = map.iter_mut().next() {
        for other in matches.iter().flat_map(Row::bodies) {
            budget.work(1)?;
            for (key, value) in other {
                budget.work(1)?;
                if !body.contains_key(key) {
                    budget.keep(key.len())?;
                    budget.keep_value(value)?;
                    body.insert(key.clone(), value.clone());
                }
            }
        }
    }
    Ok(map)
}
