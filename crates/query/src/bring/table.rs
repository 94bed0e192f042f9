//! Results as a table (reference/ledger 7.6).

use crate::{Budget, Exhausted, Output};
use anylog_policy::matching::comparable_text;
use indexmap::IndexSet;
use serde_json::{Map, Value};
use std::{cell::Cell, cmp::Ordering};

/// Characters of one line of a cell; longer ones go on over several.
const CELL_WIDTH: usize = 100;

/// Makes a table. The titles are the keys of the first object; where a later one has more, the keys of the longest and
/// whatever the others add, with nothing in the cells of those that lack them.
pub(super) fn of(
    objects: Vec<Map<String, Value>>,
    sort: Option<&Vec<usize>>,
    budget: &Budget<'_>,
) -> Result<Output, Exhausted> {
    let longest = objects.iter().rev().max_by_key(|object| object.len());
    let mut keys: IndexSet<&String> = IndexSet::new();
    for object in longest.into_iter().chain(&objects) {
        budget.read(object.len() * size_of::<Value>())?;
        keys.extend(object.keys());
    }
    let titles = keys.iter().map(|key| capitalised(key)).collect();
    let mut rows = Vec::with_capacity(objects.len());
    for object in &objects {
        // Every row has a cell for every key, whichever it has itself.
        budget.keep(keys.len() * size_of::<Value>())?;
        budget.keep_map(object)?;
        rows.push(keys.iter().map(|key| object.get(*key).cloned().unwrap_or_else(|| "".into())).collect());
    }
    let characters = charge_lines(&rows, keys.len(), budget)?;
    match sort {
        None => {}
        Some(columns) => {
            // Every row is compared as often as the number of rows has digits, in the worst case to its end.
            let rounds = usize::try_from(rows.len().max(1).ilog2() + 1).unwrap_or(usize::MAX);
            budget.read(characters.saturating_mul(rounds))?;
            if columns.is_empty() { by_all(&mut rows) } else { by_columns(&mut rows, columns) }
        }
    }
    Ok(Output::Table { titles, rows })
}

/// Charges the text that the table becomes: every line is as wide as all columns, and a long cell goes on over several.
/// Returns the characters of all cells, about.
fn charge_lines(rows: &[Vec<Value>], columns: usize, budget: &Budget<'_>) -> Result<usize, Exhausted> {
    let mut widths = vec![0; columns];
    let (mut lines, mut characters) = (0_usize, 0_usize);
    for row in rows {
        budget.work(1)?;
        let mut highest = 1;
        for (width, cell) in widths.iter_mut().zip(row) {
            let length = cell.as_str().map_or(CELL_WIDTH, str::len);
            *width = length.min(CELL_WIDTH).max(*width);
            highest = highest.max(length / CELL_WIDTH + 1);
            characters = characters.saturating_add(length);
        }
        lines = lines.saturating_add(highest);
    }
    let width: usize = widths.iter().sum();
    budget.keep(lines.saturating_mul(width))?;
    Ok(characters)
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
    let mut sorted: Vec<usize> = (0..rows.len()).collect();
    let row = |place: usize| rows.get(place).map_or(&[][..], Vec::as_slice);
    sorted.sort_by(|one, other| lexical(row(*one), row(*other), &ordered));
    if ordered.get() {
        let taken = |place: usize| rows.get_mut(place).map(std::mem::take).unwrap_or_default();
        *rows = sorted.into_iter().map(taken).collect();
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

/// Sorts by some columns; unsorted when one of them is not there. Texts with letters are compared as if blanks behind them
/// filled the column, others as if blanks before them did.
fn by_columns(rows: &mut [Vec<Value>], columns: &[usize]) {
    if rows.iter().any(|row| columns.iter().any(|column| row.get(*column).is_none())) {
        return;
    }
    let cell = |row: &Vec<Value>, column: usize| row.get(column).map(comparable_text).unwrap_or_default();
    let width = |column: usize| rows.iter().map(|row| cell(row, column).chars().count()).max().unwrap_or_default();
    let widths: Vec<(usize, usize)> = columns.iter().map(|column| (*column, width(*column))).collect();
    rows.sort_by_cached_key(|row| {
        widths.iter().map(|(column, width)| Padded::new(cell(row, *column), *width)).collect::<Vec<_>>()
    });
}

/// A text in a column of some width. The blanks around it are not written: one long text would make every row as long.
#[derive(Debug)]
struct Padded {
    text: String,
    before: usize,
    behind: usize,
}

impl Padded {
    fn new(text: String, width: usize) -> Self {
        let blanks = width.saturating_sub(text.chars().count());
        let (before, behind) = if text.chars().any(char::is_alphabetic) { (0, blanks) } else { (blanks, 0) };
        Self { text, before, behind }
    }

    fn characters(&self) -> impl Iterator<Item = char> + '_ {
        let blanks = |count| std::iter::repeat_n(' ', count);
        blanks(self.before).chain(self.text.chars()).chain(blanks(self.behind))
    }
}

impl Ord for Padded {
    fn cmp(&self, other: &Self) -> Ordering {
        self.characters().cmp(other.characters())
    }
}

impl PartialOrd for Padded {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Padded {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Padded {}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_attribute_that_the_first_row_lacks_has_its_column() {
        let rows = [json!({"name": "a"}), json!({"name": "b", "country": "US"}), json!({"name": "c"})];
        let objects = rows.iter().filter_map(|row| row.as_object().cloned()).collect();
        let Ok(Output::Table { titles, rows }) = of(objects, None, &Budget::unlimited()) else { panic!("no table") };
        assert_eq!(titles, ["Name", "Country"]);
        assert_eq!(rows, [[json!("a"), json!("")], [json!("b"), json!("US")], [json!("c"), json!("")]]);
    }
}
