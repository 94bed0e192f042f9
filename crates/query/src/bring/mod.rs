//! `bring[.option…] [items] [separator = s]` (reference/ledger 7.5).

mod item;
mod options;
mod table;

use super::{
    Budget, Error, Exhausted, Output, Own, Texts,
    address::{self, part},
    reads::Reads,
    row::{self, Row},
};
use anylog_policy::{Known, json};
use anylog_script::{Scope, Word, resolve};
use item::Item;
use options::{Edge, Options, Pick};
use serde_json::{Map, Value};
use std::{borrow::Cow, collections::HashSet};

/// What a query shows of its results.
#[derive(Clone, Debug, PartialEq)]
pub struct Bring {
    options: Options,
    items: Vec<Item>,
    separator: Option<String>,
}

impl Bring {
    /// Reads the words from `bring…` to the end.
    ///
    /// # Errors
    /// When an option is unknown, or a plain `bring` has nothing to show.
    pub fn parse(words: &[Word], scope: &dyn Scope) -> Result<Self, Error> {
        let Some((first, rest)) = words.split_first() else {
            return Err(Error::structure("'bring' is expected"));
        };
        let options = Options::parse(&first.text)?;
        let (items, separator) = match rest {
            [items @ .., key, sign, value] if key.is("separator") && sign.is("=") => {
                (items, Some(item::unescaped(&resolve(value, scope).into_text())))
            }
            items => (items, None),
        };
        let items: Vec<Item> = items.iter().map(|word| Item::parse(word, scope)).collect();
        if items.is_empty() && options.needs_items() {
            return Err(Error::structure(format!("'{}' needs to know what to show", first.text)));
        }
        Ok(Self { options, items, separator })
    }

    /// Tells whether there are items to show.
    #[must_use]
    pub fn has_items(&self) -> bool {
        !self.items.is_empty()
    }

    /// Returns what is read of the results of a query.
    pub(super) fn reads(&self) -> Reads<'_> {
        if self.options.children || self.items.is_empty() {
            return if self.counts_alone() { Reads::default() } else { Reads::Whole };
        }
        self.items.iter().map(Item::reads).fold(Reads::default(), Reads::and)
    }

    /// Tells whether nothing is shown but the number of results.
    const fn counts_alone(&self) -> bool {
        let Options { count, pick, ip_port, children, edge, .. } = &self.options;
        *count && pick.is_none() && !*ip_port && !*children && edge.is_none()
    }

    /// Shows the items of JSON objects (`from !variable bring …`); `recent` and `last` count for nothing there.
    ///
    /// # Errors
    /// When the budget is used up.
    pub fn objects(&self, objects: &[Value], budget: &Budget<'_>) -> Result<Output, Error> {
        Ok(self.show(objects.iter().map(Row::Given).collect(), &Own::default(), budget)?)
    }

    /// Shows the results of a query.
    pub(super) fn apply(
        &self,
        rows: Vec<Row<'_>>,
        known: &dyn Known,
        own: &Own,
        budget: &Budget<'_>,
    ) -> Result<Output, Error> {
        let rows = if self.options.children { children(&rows, known, budget)? } else { rows };
        let rows = match self.options.pick {
            Some(Pick::Last) => rows.into_iter().next_back().into_iter().collect(),
            _ => rows,
        };
        Ok(self.show(rows, own, budget)?)
    }

    fn show(&self, mut rows: Vec<Row<'_>>, own: &Own, budget: &Budget<'_>) -> Result<Output, Exhausted> {
        if self.options.pick == Some(Pick::First) {
            rows.truncate(1);
        }
        if self.items.is_empty() || (self.options.children && !self.options.has_form()) {
            return self.show_whole(rows, own, budget);
        }
        if self.options.json || self.options.table || self.options.count {
            return self.show_objects(&rows, budget);
        }
        self.show_texts(&rows, budget)
    }

    /// Shows whole policies.
    fn show_whole(&self, rows: Vec<Row<'_>>, own: &Own, budget: &Budget<'_>) -> Result<Output, Exhausted> {
        if rows.is_empty() || self.options.edge.is_some() {
            return Ok(Output::nothing());
        }
        if self.options.pick.is_some() && !self.options.ip_port {
            return Ok(Output::of_values(row::into_values(rows, budget)?));
        }
        if self.options.count {
            let count = rows.len();
            return Ok(if self.options.json { Output::Count(count) } else { Output::Text(count.to_string()) });
        }
        if self.options.ip_port {
            return addresses(&rows, own, budget);
        }
        let values = row::into_values(rows, budget)?;
        if self.options.table {
            let objects =
                values.into_iter().filter_map(|value| if let Value::Object(map) = value { Some(map) } else { None });
            return table::of(objects.collect(), self.options.sort.as_ref(), budget);
        }
        if self.options.joins_whole() {
            return Ok(Output::Objects(unique_by(values, self.options.unique, json::text, budget)?));
        }
        Ok(Output::of_values(values))
    }

    /// Shows one JSON object per row.
    fn show_objects(&self, rows: &[Row<'_>], budget: &Budget<'_>) -> Result<Output, Exhausted> {
        let null = self.options.null || self.options.table;
        let mut objects = Vec::new();
        for row in rows {
            let object = self.object(row, null, budget)?;
            if !object.is_empty() {
                objects.push(object);
            }
        }
        let text = |object: &Map<String, Value>| Value::Object(object.clone()).to_string();
        objects = unique_by(objects, self.options.unique, text, budget)?;
        if self.options.count && !rows.is_empty() {
            return Ok(Output::Count(objects.len()));
        }
        if objects.is_empty() {
            return Ok(Output::nothing());
        }
        if self.options.table {
            return table::of(objects, self.options.sort.as_ref(), budget);
        }
        Ok(Output::Objects(objects.into_iter().map(Value::Object).collect()))
    }

    fn object(&self, row: &Row<'_>, null: bool, budget: &Budget<'_>) -> Result<Map<String, Value>, Exhausted> {
        let mut object = Map::new();
        for item in &self.items {
            budget.work(1)?;
            let Item::Paths(paths) = item else { continue };
            match paths.iter().find_map(|path| Some((path.key(), path.root_value(row)?))) {
                Some((key, found)) => {
                    let value = found.into_value();
                    budget.keep(key.len())?;
                    budget.keep_value(&value)?;
                    object.insert(key.to_owned(), value);
                }
                None if null => {
                    let missing = paths.first().filter(|path| !path.is_null(row));
                    object.extend(missing.map(|path| (path.key().to_owned(), Value::String(String::new()))));
                }
                None => {}
            }
        }
        budget.keep_map(&object)?;
        Ok(object)
    }

    /// Shows one text per row.
    fn show_texts(&self, rows: &[Row<'_>], budget: &Budget<'_>) -> Result<Output, Exhausted> {
        let mut texts = Vec::new();
        for row in rows {
            texts.extend(self.text(row, budget)?);
        }
        if self.options.unique {
            let mut seen = HashSet::new();
            texts.retain(|text| seen.insert(text.clone()));
        }
        if let Some(edge) = self.options.edge {
            return Ok(edge.of(texts.into_iter()).map_or_else(Output::nothing, Output::Text));
        }
        if texts.iter().all(String::is_empty) {
            return Ok(Output::nothing());
        }
        if self.options.list {
            return Ok(Output::Texts(Texts { texts, separator: ",".to_owned(), brackets: true }));
        }
        // Empty texts before the first one count for nothing.
        let texts = texts.into_iter().skip_while(String::is_empty).collect();
        Ok(Output::Texts(Texts { texts, separator: self.separator.clone().unwrap_or_default(), brackets: false }))
    }

    /// Returns the text of a row; nothing when no item says anything.
    fn text(&self, row: &Row<'_>, budget: &Budget<'_>) -> Result<Option<String>, Exhausted> {
        // The text stands in the list and, with what separates it from the next one, in the answer.
        budget.keep(size_of::<String>() + self.separator.as_ref().map_or(0, String::len))?;
        let mut text = None;
        for item in &self.items {
            let part = match item {
                Item::Text(literal) => Some(Cow::Borrowed(literal)),
                Item::Paths(paths) => {
                    paths.iter().find_map(|path| path.root_value(row)).map(|found| Cow::Owned(found.text()))
                }
            };
            let Some(part) = part else { continue };
            budget.keep(part.len() * 2)?;
            text.get_or_insert_with(String::new).push_str(&part);
        }
        Ok(text)
    }
}

impl Edge {
    fn of(self, texts: impl Iterator<Item = String>) -> Option<String> {
        texts.reduce(|best, text| {
            let order = match (best.parse::<f64>(), text.parse::<f64>()) {
                (Ok(best), Ok(text)) => text.partial_cmp(&best),
                _ => Some(text.cmp(&best)),
            };
            let better = order.is_some_and(|order| match self {
                Self::Least => order.is_lt(),
                Self::Most => order.is_gt(),
            });
            if better { text } else { best }
        })
    }
}

/// Returns the values, those with the same text only once if asked for.
fn unique_by<T>(
    mut values: Vec<T>,
    once: bool,
    text: impl Fn(&T) -> String,
    budget: &Budget<'_>,
) -> Result<Vec<T>, Exhausted> {
    if !once {
        return Ok(values);
    }
    let mut seen = HashSet::new();
    let mut exhausted = Ok(());
    values.retain(|value| {
        if exhausted.is_err() {
            return false;
        }
        let text = text(value);
        exhausted = budget.keep(text.len());
        seen.insert(text)
    });
    exhausted.map(|()| values)
}

/// Returns `ip:port` of every row that has an address.
fn addresses(rows: &[Row<'_>], own: &Own, budget: &Budget<'_>) -> Result<Output, Exhausted> {
    let mut addresses = Vec::new();
    for row in rows {
        budget.work(1)?;
        if let Some(address) = address::of(&|key| row.of_body(key).and_then(part), own) {
            budget.keep(address.len() * 2)?;
            addresses.push(address);
        }
    }
    Ok(if addresses.is_empty() { Output::nothing() } else { Output::Text(addresses.join(",")) })
}

/// Returns the policies whose parent is one of the rows.
fn children<'a>(rows: &[Row<'_>], known: &'a dyn Known, budget: &Budget<'_>) -> Result<Vec<Row<'a>>, Exhausted> {
    let mut found = Vec::new();
    for id in rows.iter().filter_map(|row| row.of_body("id").and_then(part)) {
        budget.work(1)?;
        for child in known.children(&id) {
            budget.keep_row()?;
            found.push(Row::Known(child));
        }
    }
    Ok(found)
}
