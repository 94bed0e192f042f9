//! Rows as a table of a page: the first ones, each cell in a bounded form.

use super::{records::Records, shorter::shorter};
use crate::{reply::thousands, runtime::limits};
use askama::Template;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// Bytes of the text of one cell.
const CELL: usize = 4 * 1024;
/// Bytes of a JSON that stands in a cell as it is; a longer one folds.
const SHORT_JSON: usize = 40;

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Template)]
#[template(path = "shown/table.html")]
pub struct TableView {
    /// What stands above it, in one line.
    header: Option<String>,
    /// Names and values about the table as a whole.
    facts: Vec<(String, String)>,
    columns: Vec<ColumnView>,
    rows: Vec<Vec<CellView>>,
    /// How many rows there are in all.
    total: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct ColumnView {
    title: String,
    /// True when every value is a number: it is sorted by its size, and stands on the right.
    is_number: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum CellView {
    Empty,
    Number(String),
    Text { text: String, is_long: bool },
    Policy { id: String, path: String },
    Json { about: String, text: String },
}

impl TableView {
    /// Makes the table of the first [`limits::CONSOLE_ANSWER_ROWS`] rows. A column of ids of policies, by its place, leads to them.
    #[must_use]
    pub fn new(records: &Records, ids: Option<usize>) -> Self {
        let shown = || records.rows.iter().take(limits::CONSOLE_ANSWER_ROWS);
        let columns = records.columns.iter().enumerate().map(|(at, title)| {
            let mut values = shown().filter_map(|row| row.get(at)).filter(|value| !value.is_null()).peekable();
            let is_number = values.peek().is_some() && values.all(Value::is_number);
            ColumnView { title: title.clone(), is_number }
        });
        let cells = |row: &Vec<Value>| row.iter().enumerate().map(|(at, value)| cell(value, ids == Some(at))).collect();
        Self {
            columns: columns.collect(),
            rows: shown().map(cells).collect(),
            total: records.rows.len(),
            ..Self::default()
        }
    }

    /// Puts a line, and names and values about the table as a whole, above it.
    #[must_use]
    pub fn below(self, header: Option<String>, facts: Vec<(String, String)>) -> Self {
        Self { header, facts, ..self }
    }

    /// Tells how many rows there are, in words.
    #[must_use]
    pub fn count(&self) -> String {
        match self.total {
            1 => "1 row".to_owned(),
            total => format!("{} rows", thousands(u64::try_from(total).unwrap_or(u64::MAX))),
        }
    }

    /// Says that not all rows are shown.
    fn cut(&self) -> Option<String> {
        let shown = u64::try_from(self.rows.len()).unwrap_or(u64::MAX);
        (self.rows.len() < self.total)
            .then(|| format!("The first {} of {} are shown and sorted.", thousands(shown), self.count()))
    }
}

fn cell(value: &Value, is_id: bool) -> CellView {
    match value {
        Value::Null => CellView::Empty,
        Value::String(id) if is_id && !id.is_empty() => {
            let path = format!("/console/policies/{}", utf8_percent_encode(id, NON_ALPHANUMERIC));
            CellView::Policy { id: id.clone(), path }
        }
        Value::String(text) => {
            let (text, _) = shorter(text, CELL);
            let is_long = text.len() > 80;
            CellView::Text { text: text.into_owned(), is_long }
        }
        Value::Number(number) => CellView::Number(number.to_string()),
        Value::Bool(_) => CellView::Text { text: value.to_string(), is_long: false },
        Value::Array(_) | Value::Object(_) => {
            let line = value.to_string();
            if line.len() <= SHORT_JSON {
                return CellView::Text { text: line, is_long: false };
            }
            let about = shorter(&line, SHORT_JSON).0.into_owned();
            let text = serde_json::to_string_pretty(value).unwrap_or(line);
            CellView::Json { about, text: shorter(&text, CELL).0.into_owned() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_table_shows_its_first_rows_and_says_so() {
        let rows = (0..limits::CONSOLE_ANSWER_ROWS * 2).map(|number| vec![json!(number), json!("<i>")]).collect();
        let table = TableView::new(&Records::new(vec!["N".to_owned(), "<b>T".to_owned()], rows), None);
        assert_eq!(table.cut().unwrap(), "The first 1,000 of 2,000 rows are shown and sorted.");
        assert_eq!(table.columns.iter().map(|column| column.is_number).collect::<Vec<_>>(), [true, false]);
        let page = table.to_string();
        assert_eq!(page.matches("<tr>").count(), limits::CONSOLE_ANSWER_ROWS + 1);
        assert!(!page.contains("<i>") && !page.contains("<b>"), "nothing becomes markup");
        assert!(TableView::new(&Records::new(vec!["A".to_owned()], vec![vec![json!(1)]]), None).cut().is_none());
    }

    #[test]
    fn ids_lead_to_their_policies() {
        let CellView::Policy { path, .. } = cell(&json!("a/b?\"><"), true) else { panic!("no link") };
        assert_eq!(path, "/console/policies/a%2Fb%3F%22%3E%3C");
        assert_eq!(cell(&json!(7), true), CellView::Number("7".to_owned()));
        let policy = json!({"table": {"name": "a name that is long enough", "id": "1", "date": "2026-01-01"}});
        assert!(matches!(cell(&policy, false), CellView::Json { .. }));
    }
}
