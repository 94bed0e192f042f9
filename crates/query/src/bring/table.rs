//! Results as a table (reference/ledger 7.6).

use crate::Output;
use anylog_policy::matching::comparable_text;
use indexmap::IndexSet;
use serde_json::{Map, Value};
use std::{cell::Cell, cmp::Ordering};

/// Makes a table. The titles are the keys of the first object; where a later one has more, the keys of the longest and
/// whatever the others add, with nothing in the cells of those that lack them.
pub(super) fn of(objects: Vec<Map<String, Value>>, sort: Option<&Vec<usize>>) -> Output {
    let longest = objects.iter().rev().max_by_key(|object| object.len());
    let keys: IndexSet<&String> = longest.into_iter().chain(&objects).flat_map(Map::keys).collect();
    let titles = keys.iter().map(|key| capitalised(key)).collect();
    let cell = |object: &Map<String, Value>, key: &String| object.get(key).cloned().unwrap_or_else(|| "".into());
    let mut rows: Vec<Vec<Value>> =
        objects.iter().map(|object| keys.iter().map(|key| cell(object, key)).collect()).collect();
    match sort {
        None => {}
        Some(columns) if columns.is_empty() => by_all(&mut rows),
        Some(columns) => by_columns(&mut rows, columns),
    }
    Output::Table { titles, rows }
}

fn capitalised(key: &str) -> String {
    let mut characters = key.chars();
    let first: String = characters.next().into_iter().flat_map(char::to_uppercase).collect();
    first + &characters.as_str().to_lowercase()
}

/// Sorts by all columns: numbers by value, texts by their characters. Rows stay as they are when values of
/// different kinds, or of a kind without order, have to be compared.
fn by_all(rows: &mut Vec<Vec<Value>>) {
    let ordered = Cell::new(true);
    let mut sorted = rows.clone();
    sorted.sort_by(|one, other| lexical(one, other, &ordered));
    if ordered.get() {
        *rows = sorted;
    }
}

/// Compares lists by their first different values.
fn lexical(one: &[Value], other: &[Value], ordered: &Cell<bool>) -> Ordering {
    let mut pairs = one.iter().zip(other).map(|(one, other)| compared(one, other, ordered));
    pairs.find(|order| order.is_ne()).unwrap_or_else(|| one.len().cmp(&other.len()))
}

/// Compares two values; those that have no order get one of no meaning, and `ordered` is taken back.
fn compared(one: &Value, other: &Value, ordered: &Cell<bool>) -> Ordering {
    match (one, other) {
        (Value::String(one), Value::String(other)) => one.cmp(other),
        (Value::Array(one), Value::Array(other)) => lexical(one, other, ordered),
        _ => match (number(one), number(other)) {
            (Some(one), Some(other)) => one.total_cmp(&other),
            _ => {
                let order = (kind(one), comparable_text(one)).cmp(&(kind(other), comparable_text(other)));
                if order.is_ne() {
                    ordered.set(false);
                }
                order
            }
        },
    }
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_bool().map(|truth| f64::from(u8::from(truth))))
}

const fn kind(value: &Value) -> u8 {
    match value {
        Value::Number(_) | Value::Bool(_) => 0,
        Value::String(_) => 1,
        Value::Array(_) => 2,
        Value::Object(_) | Value::Null => 3,
    }
}

/// Sorts by some columns; unsorted when one of them is not there.
fn by_columns(rows: &mut [Vec<Value>], columns: &[usize]) {
    if rows.iter().any(|row| columns.iter().any(|column| row.get(*column).is_none())) {
        return;
    }
    let cell = |row: &Vec<Value>, column: usize| row.get(column).map(comparable_text).unwrap_or_default();
    let width = |column: usize| rows.iter().map(|row| cell(row, column).chars().count()).max().unwrap_or_default();
    let widths: Vec<(usize, usize)> = columns.iter().map(|column| (*column, width(*column))).collect();
    rows.sort_by_cached_key(|row| {
        let padded = widths.iter().map(|(column, width)| {
            let text = cell(row, *column);
            if text.chars().any(char::is_alphabetic) { format!("{text:<width$}") } else { format!("{text:>width$}") }
        });
        padded.collect::<String>()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_attribute_that_the_first_row_lacks_has_its_column() {
        let rows = [json!({"name": "a"}), json!({"name": "b", "country": "US"}), json!({"name": "c"})];
        let objects = rows.iter().filter_map(|row| row.as_object().cloned()).collect();
        let Output::Table { titles, rows } = of(objects, None) else { panic!("no table") };
        assert_eq!(titles, ["Name", "Country"]);
        assert_eq!(rows, [[json!("a"), json!("")], [json!("b"), json!("US")], [json!("c"), json!("")]]);
    }
}
