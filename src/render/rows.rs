//! Rows of a query, byte for byte as clients read them (reference/rest 7.2, 8).

use crate::reply::{RowLayout, Rows};
use serde_json::{Map, Value};
use std::time::Duration;

/// Renders rows in the layout that the caller chose, with the statistics that it asked for.
#[must_use]
pub fn rows(rows: &Rows) -> String {
    let statistics = rows.elapsed.map(|elapsed| Statistics { count: rows.rows.len(), elapsed });
    match (rows.rows.is_empty(), &statistics) {
        (true, None) => return "{\"reply\" : \"Empty data set\"}".to_owned(),
        (true, Some(statistics)) => return statistics.lines(),
        (false, _) => {}
    }
    match rows.layout {
        RowLayout::Json => {
            let after = statistics.map_or_else(String::new, |it| format!(",\n\"Statistics\":[{}]", it.object()));
            format!("{{\"Query\":[{}]{after}}}", objects(rows).join(","))
        }
        RowLayout::List => {
            let after = statistics.map_or_else(String::new, |it| format!("\n{{\"Statistics\":[{}]}}", it.object()));
            format!("[{}]{after}", objects(rows).join(",\n"))
        }
        RowLayout::Table => columns(rows) + &statistics.map_or_else(String::new, |it| it.lines()),
    }
}

/// Writes each row as compact JSON.
fn objects(rows: &Rows) -> Vec<String> {
    let object = |row: &Vec<Value>| {
        let pairs: Map<String, Value> = rows.columns.iter().cloned().zip(row.iter().cloned()).collect();
        Value::Object(pairs).to_string()
    };
    rows.rows.iter().map(object).collect()
}

/// How many rows there are and how long they took.
struct Statistics {
    count: usize,
    elapsed: Duration,
}

impl Statistics {
    fn time(&self) -> String {
        let seconds = self.elapsed.as_secs();
        format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
    }

    fn object(&self) -> String {
        format!("{{\"Count\": {},\"Time\":\"{}\",\"Nodes\": 0}}", self.count, self.time())
    }

    /// Writes an object of its own over several lines.
    fn lines(&self) -> String {
        let (count, time, blanks) = (self.count, self.time(), " ".repeat(16));
        format!("\n{{\"Statistics\":[{{\"Count\": {count},\n{blanks}\"Time\":\"{time}\",\n{blanks}\"Nodes\": 0}}]}}")
    }
}

/// Writes columns of text; the last one is not padded.
fn columns(rows: &Rows) -> String {
    let widths: Vec<usize> = rows.columns.iter().enumerate().map(|(at, title)| width(rows, at, title)).collect();
    let pad = |text: &str, at: usize, is_number: bool| {
        let width = widths.get(at).copied().unwrap_or_default();
        match (is_number, at + 1 == widths.len()) {
            (true, _) => format!("{text:>width$} "),
            (false, true) => text.to_owned(),
            (false, false) => format!("{text:<width$} "),
        }
    };
    let mut text = String::from("\n");
    text.extend(rows.columns.iter().enumerate().map(|(at, title)| pad(title, at, false)));
    text.push('\n');
    text.extend(widths.iter().map(|width| format!("{} ", "-".repeat(*width))));
    for row in &rows.rows {
        text.push('\n');
        text.extend(row.iter().enumerate().map(|(at, value)| pad(&cell(value), at, value.is_number())));
    }
    text.push('\n');
    text
}

/// Returns the width of a column: that of its longest text.
fn width(rows: &Rows, at: usize, title: &str) -> usize {
    let cells = rows.rows.iter().filter_map(|row| row.get(at)).map(|value| cell(value).chars().count());
    cells.chain([title.chars().count()]).max().unwrap_or_default()
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn two(layout: RowLayout, seconds: Option<u64>) -> String {
        rows(&Rows {
            columns: vec!["policy_type".to_owned(), "n".to_owned()],
            rows: vec![vec![json!("cluster"), json!(7)], vec![json!("op"), Value::Null]],
            layout,
            elapsed: seconds.map(Duration::from_secs),
        })
    }

    #[test]
    fn rows_are_compact_json() {
        let expected = "{\"Query\":[{\"policy_type\":\"cluster\",\"n\":7},{\"policy_type\":\"op\",\"n\":null}],\n\
                        \"Statistics\":[{\"Count\": 2,\"Time\":\"00:00:00\",\"Nodes\": 0}]}";
        assert_eq!(two(RowLayout::Json, Some(0)), expected);
        let list = two(RowLayout::List, Some(61));
        assert!(list.starts_with("[{\"policy_type\":\"cluster\",\"n\":7},\n{"));
        assert!(list.ends_with("]\n{\"Statistics\":[{\"Count\": 2,\"Time\":\"00:01:01\",\"Nodes\": 0}]}"));
    }

    #[test]
    fn columns_are_as_wide_as_their_longest_text() {
        assert_eq!(
            two(RowLayout::Table, None),
            "\npolicy_type n\n----------- ---- \ncluster        7 \nop          null\n"
        );
        let mut one = Rows {
            columns: vec!["policy_type".to_owned()],
            rows: vec![vec![json!("cluster")], vec![json!("op")]],
            layout: RowLayout::Table,
            elapsed: None,
        };
        let expected = "\npolicy_type\n----------- \ncluster\nop\n";
        assert_eq!(rows(&one), expected);
        one.elapsed = Some(Duration::ZERO);
        let lines = "\n{\"Statistics\":[{\"Count\": 2,\n                \"Time\":\"00:00:00\",\n                \"Nodes\": 0}]}";
        assert_eq!(rows(&one), format!("{expected}{lines}"));
    }

    #[test]
    fn no_rows_have_a_text_of_their_own() {
        for layout in [RowLayout::Json, RowLayout::List, RowLayout::Table] {
            let mut none = Rows { layout, ..Rows::default() };
            assert_eq!(rows(&none), "{\"reply\" : \"Empty data set\"}");
            none.elapsed = Some(Duration::ZERO);
            assert!(rows(&none).starts_with("\n{\"Statistics\":[{\"Count\": 0,"));
        }
    }
}
