//! `bring[.option…] [items] [separator = s]` (reference/ledger 7.5).

mod item;
mod options;
mod table;

use super::{
    Error, Output, Own, Texts,
    address::{self, part},
    row::Row,
};
use anylog_policy::{Known, json};
use anylog_script::{Scope, Word, resolve};
use item::Item;
use options::{Edge, Options, Pick};
use serde_json::{Map, Value};
use std::collections::HashSet;

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

    /// Shows the items of JSON objects (`from !variable bring …`); `recent` and `last` count for nothing there.
    #[must_use]
    pub fn objects(&self, objects: &[Value]) -> Output {
        self.show(objects.iter().map(Row::Given).collect(), &Own::default())
    }

    /// Shows the results of a query.
    pub(super) fn apply(&self, rows: Vec<Row<'_>>, known: &dyn Known, own: &Own) -> Result<Output, Error> {
        let rows = if self.options.children { children(&rows, known) } else { rows };
        let rows = match self.options.pick {
            Some(Pick::Last) => rows.into_iter().next_back().into_iter().collect(),
            _ => rows,
        };
        Ok(self.show(rows, own))
    }

    fn show(&self, mut rows: Vec<Row<'_>>, own: &Own) -> Output {
        if self.options.pick == Some(Pick::First) {
            rows.truncate(1);
        }
        if self.items.is_empty() || (self.options.children && !self.options.has_form()) {
            return self.show_whole(rows, own);
        }
        if self.options.json || self.options.table || self.options.count {
            return self.show_objects(&rows);
        }
        self.show_texts(&rows)
    }

    /// Shows whole policies.
    fn show_whole(&self, rows: Vec<Row<'_>>, own: &Own) -> Output {
        if rows.is_empty() || self.options.edge.is_some() {
            return Output::nothing();
        }
        if self.options.pick.is_some() && !self.options.ip_port {
            return Output::Policies(rows.into_iter().map(Row::into_value).collect());
        }
        if self.options.count {
            let count = rows.len();
            return if self.options.json { Output::Count(count) } else { Output::Text(count.to_string()) };
        }
        if self.options.ip_port {
            let addresses: Vec<String> = rows.iter().filter_map(|row| address_of(row, own)).collect();
            return text_or_nothing(addresses.join(","));
        }
        let values: Vec<Value> = rows.into_iter().map(Row::into_value).collect();
        if self.options.table {
            let objects = values.iter().filter_map(Value::as_object).cloned().collect();
            return table::of(objects, self.options.sort.as_ref());
        }
        if self.options.joins_whole() {
            return Output::Objects(unique_by(values, self.options.unique, json::text));
        }
        Output::Policies(values)
    }

    /// Shows one JSON object per row.
    fn show_objects(&self, rows: &[Row<'_>]) -> Output {
        let null = self.options.null || self.options.table;
        let mut objects: Vec<Map<String, Value>> =
            rows.iter().map(|row| self.object(row, null)).filter(|object| !object.is_empty()).collect();
        objects = unique_by(objects, self.options.unique, |object| Value::Object(object.clone()).to_string());
        if self.options.count && !rows.is_empty() {
            return Output::Count(objects.len());
        }
        if objects.is_empty() {
            return Output::nothing();
        }
        if self.options.table {
            return table::of(objects, self.options.sort.as_ref());
        }
        Output::Objects(objects.into_iter().map(Value::Object).collect())
    }

    fn object(&self, row: &Row<'_>, null: bool) -> Map<String, Value> {
        let mut object = Map::new();
        for item in &self.items {
            let Item::Paths(paths) = item else { continue };
            match paths.iter().find_map(|path| Some((path.key(), path.root_value(row)?))) {
                Some((key, found)) => {
                    object.insert(key.to_owned(), found.into_value());
                }
                None if null => {
                    let missing = paths.first().filter(|path| !path.is_null(row));
                    object.extend(missing.map(|path| (path.key().to_owned(), Value::String(String::new()))));
                }
                None => {}
            }
        }
        object
    }

    /// Shows one text per row.
    fn show_texts(&self, rows: &[Row<'_>]) -> Output {
        let texts = unique(rows.iter().filter_map(|row| self.text(row)), self.options.unique);
        if let Some(edge) = self.options.edge {
            return edge.of(texts).map_or_else(Output::nothing, Output::Text);
        }
        let texts: Vec<String> = texts.collect();
        if texts.iter().all(String::is_empty) {
            return Output::nothing();
        }
        if self.options.list {
            return Output::Texts(Texts { texts, separator: ",".to_owned(), brackets: true });
        }
        // Empty texts before the first one count for nothing.
        let texts = texts.into_iter().skip_while(String::is_empty).collect();
        Output::Texts(Texts { texts, separator: self.separator.clone().unwrap_or_default(), brackets: false })
    }

    /// Returns the text of a row; nothing when no item says anything.
    fn text(&self, row: &Row<'_>) -> Option<String> {
        let mut text = None;
        for item in &self.items {
            let part = match item {
                Item::Text(literal) => Some(literal.clone()),
                Item::Paths(paths) => paths.iter().find_map(|path| path.root_value(row)).map(|found| found.text()),
            };
            if let Some(part) = part {
                text.get_or_insert_with(String::new).push_str(&part);
            }
        }
        text
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

/// Returns the texts, repeated ones only once if asked for.
fn unique(texts: impl Iterator<Item = String>, once: bool) -> impl Iterator<Item = String> {
    let mut seen = HashSet::new();
    texts.filter(move |text| !once || seen.insert(text.clone()))
}

/// Returns the values, those with the same text only once if asked for.
fn unique_by<T>(mut values: Vec<T>, once: bool, text: impl Fn(&T) -> String) -> Vec<T> {
    let mut seen = HashSet::new();
    if once {
        values.retain(|value| seen.insert(text(value)));
    }
    values
}

fn text_or_nothing(text: String) -> Output {
    if text.is_empty() { Output::nothing() } else { Output::Text(text) }
}

fn address_of(row: &Row<'_>, own: &Own) -> Option<String> {
    address::of(&|key| row.of_body(key).and_then(part), own)
}

/// Returns the policies whose parent is one of the rows.
fn children<'a>(rows: &[Row<'_>], known: &'a dyn Known) -> Vec<Row<'a>> {
    let ids = rows.iter().filter_map(|row| row.of_body("id").and_then(part));
    ids.flat_map(|id| known.children(&id)).map(Row::Known).collect()
}
