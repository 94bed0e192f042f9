//! Rows of a query as `job reply` carries them (reference/tcp-protocol 10).

use crate::reply::Rows;
use serde_json::{Map, Value, json};

/// Writes the rows of a query, each as `{"Query":[{"0":"…","1":"…"}]}`: columns by their numbers, values as texts.
#[must_use]
pub fn numbered(rows: &Rows) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let row = |values: &Vec<Value>| {
        let columns = values.iter().enumerate().map(|(at, value)| (at.to_string(), text(value).into()));
        json!({"Query": [columns.collect::<Map<String, Value>>()]}).to_string()
    };
    rows.rows.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_numbers_and_values_texts() {
        let rows = Rows {
            columns: vec!["id".to_owned(), "n".to_owned()],
            rows: vec![vec![json!("a"), json!(5)], vec![json!("b"), Value::Null]],
            ..Rows::default()
        };
        assert_eq!(numbered(&rows), [r#"{"Query":[{"0":"a","1":"5"}]}"#, r#"{"Query":[{"0":"b","1":""}]}"#]);
        assert_eq!(numbered(&Rows::default()), Vec::<String>::new());
    }
}
