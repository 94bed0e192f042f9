//! Results as a table (spec/ledger 7.6).

use crate::{policy::matching::sought, query::Output};
use serde_json::{Map, Value};
use std::cmp::Ordering;

/// Makes a table; the titles are the keys of the first object.
pub(super) fn of(objects: Vec<Map<String, Value>>, sort: Option<&Vec<usize>>) -> Output {
    let titles = objects.first().into_iter().flat_map(Map::keys).map(|key| capitalised(key)).collect();
    let mut rows: Vec<Vec<Value>> =
        objects.into_iter().map(|object| object.into_iter().map(|(_, value)| value).collect()).collect();
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

/// Sorts by all columns: numbers by value, texts by their characters; mixed columns stay as they are.
fn by_all(rows: &mut [Vec<Value>]) {
    rows.sort_by(|one, other| {
        let pairs = one.iter().zip(other);
        pairs.map(|(one, other)| compared(one, other)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    });
}

fn compared(one: &Value, other: &Value) -> Ordering {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one.total_cmp(&other),
        _ => sought(one).cmp(&sought(other)),
    }
}

/// Sorts by some columns; unsorted when one of them is not there.
fn by_columns(rows: &mut [Vec<Value>], columns: &[usize]) {
    if rows.iter().any(|row| columns.iter().any(|column| row.get(*column).is_none())) {
        return;
    }
    let cell = |row: &Vec<Value>, column: usize| row.get(column).map(sought).unwrap_or_default();
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
