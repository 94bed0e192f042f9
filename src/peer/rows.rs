//! Rows of a query as `job reply` carries them (reference/tcp-protocol 10).

use serde_json::{Map, Value};

/// Reads the rows of a query reply, each as `{"Query":[{"0":"…","1":"…"}]}`; nothing when the text is none.
#[must_use]
pub fn rows(text: &str) -> Option<Vec<String>> {
    let Ok(Value::Object(reply)) = serde_json::from_str(text) else { return None };
    match reply.get("Query") {
        Some(Value::Array(rows)) => Some(rows.iter().map(numbered).collect()),
        // A query without rows answers its statistics alone, or that there are none.
        None if reply.contains_key("Statistics") || reply.contains_key("reply") => Some(Vec::new()),
        _ => None,
    }
}

/// Replaces the names of columns by their numbers, and values by their texts.
fn numbered(row: &Value) -> String {
    let columns = row.as_object().into_iter().flat_map(Map::values).enumerate();
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let columns: Map<String, Value> = columns.map(|(at, value)| (at.to_string(), text(value).into())).collect();
    serde_json::json!({"Query": [columns]}).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_numbers_and_values_texts() {
        let text = r#"{"Query":[{"id":"a","n":5},{"id":"b","n":null}]}"#;
        let want = [r#"{"Query":[{"0":"a","1":"5"}]}"#, r#"{"Query":[{"0":"b","1":""}]}"#];
        assert_eq!(rows(text).unwrap(), want);
        assert_eq!(rows(r#"{"Statistics":[{"Count": 0}]}"#).unwrap(), Vec::<String>::new());
        assert_eq!(rows("no rows"), None);
    }
}
