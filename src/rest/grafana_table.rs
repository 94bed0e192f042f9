//! Replies as tables of the Grafana connector (reference/rest 11).

use crate::{
    policy::ListedPolicy,
    render,
    reply::{Code, Error, Reply, Rows},
    rest::bounded_list::BoundedList,
    runtime::limits,
};
use indexmap::IndexSet;
use serde_json::{Map, Value, json};

/// Writes a reply as a table: one row per object, one for a single object, or the text.
///
/// # Errors
/// 77 when it has too many columns or cells, or more than so many bytes.
pub fn table(reply: Reply, most: usize) -> Result<String, Error> {
    let rows = rows(reply);
    let titles = titles(&rows)?;
    if rows.len().saturating_mul(titles.len()) > limits::GRAFANA_CELLS {
        let detail = format!(
            "a table of {} rows and {} columns has too many cells, at most {} are shown: ask for less",
            rows.len(),
            titles.len(),
            limits::GRAFANA_CELLS
        );
        return Err(Error::with(Code::QUERY_VOLUME, detail));
    }
    let mut columns = BoundedList::new(most);
    for title in &titles {
        columns.push(&render::value(&json!({"text": title, "type": "string"})))?;
    }
    let columns = columns.finish();
    let mut lines = BoundedList::new(most.saturating_sub(columns.len()));
    for row in rows.iter().filter_map(ListedPolicy::value) {
        lines.push(&render::value(&line(&titles, body(&row))))?;
    }
    Ok(format!(r#"{{"columns": {columns}, "rows": {}, "type": "table"}}"#, lines.finish()))
}

/// Returns the rows of a reply. Each policy is read when it is written: the values of all of them would take several
/// times the memory of their texts.
fn rows(reply: Reply) -> Vec<ListedPolicy> {
    match reply {
        Reply::Policies(policies) => policies,
        Reply::Objects(rows) | Reply::Value(Value::Array(rows)) => rows.into_iter().map(ListedPolicy::from).collect(),
        Reply::Value(one @ Value::Object(_)) => vec![ListedPolicy::from(one)],
        Reply::Rows(Rows { columns, rows, .. }) => {
            let object = |row: Vec<Value>| Value::Object(columns.iter().cloned().zip(row).collect::<Map<_, _>>());
            rows.into_iter().map(object).map(ListedPolicy::from).collect()
        }
        other => vec![ListedPolicy::from(json!({"result": render::text(&other)}))],
    }
}

/// Returns the keys of all rows, in the order in which they come.
fn titles(rows: &[ListedPolicy]) -> Result<IndexSet<String>, Error> {
    let mut titles = IndexSet::new();
    for row in rows.iter().filter_map(ListedPolicy::value) {
        for key in body(&row).as_object().into_iter().flat_map(Map::keys) {
            if !titles.contains(key) {
                titles.insert(key.clone());
            }
        }
        if titles.len() > limits::GRAFANA_COLUMNS {
            let detail = format!(
                "a table of more than {} columns is not shown: name the attributes that are meant",
                limits::GRAFANA_COLUMNS
            );
            return Err(Error::with(Code::QUERY_VOLUME, detail));
        }
    }
    Ok(titles)
}

/// Looks at the body of a policy; anything else is its own.
fn body(row: &Value) -> &Value {
    match row {
        Value::Object(policy) if policy.len() == 1 => policy.values().find(|body| body.is_object()).unwrap_or(row),
        other => other,
    }
}

/// Puts the values of a row under the titles.
fn line(titles: &IndexSet<String>, row: &Value) -> Value {
    let mut values: Vec<Option<&Value>> = vec![None; titles.len()];
    for (key, value) in row.as_object().into_iter().flatten() {
        if let Some(place) = titles.get_index_of(key).and_then(|at| values.get_mut(at)) {
            *place = Some(value);
        }
    }
    values.into_iter().map(cell).collect()
}

/// Writes a value as the text that a column of type `string` holds.
fn cell(value: Option<&Value>) -> Value {
    match value {
        None | Some(Value::Null) => json!(""),
        Some(Value::Bool(true)) => json!("True"),
        Some(Value::Bool(false)) => json!("False"),
        Some(Value::String(text)) => json!(text),
        Some(other) => json!(render::value(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(columns: usize) -> Value {
        Value::Object((0..columns).map(|number| (format!("c{number}"), json!(number))).collect())
    }

    fn refusal(rows: Vec<Value>, most: usize) -> String {
        let error = table(Reply::Objects(rows), most).unwrap_err();
        assert_eq!(error.code, Code::QUERY_VOLUME);
        error.detail.unwrap()
    }

    #[test]
    fn the_columns_are_those_of_all_rows_in_their_order() {
        let rows = vec![json!({"x": {"b": 1, "a": true}}), json!({"x": {"c": [1, null], "b": null}}), json!("odd")];
        let columns = ["b", "a", "c"].map(|title| format!(r#"{{"text": "{title}", "type": "string"}}"#)).join(", ");
        let lines = r#"[["1", "True", ""], ["", "", "[1, null]"], ["", "", ""]]"#;
        let expected = format!(r#"{{"columns": [{columns}], "rows": {lines}, "type": "table"}}"#);
        assert_eq!(table(Reply::Objects(rows), 1000).unwrap(), expected);
        let text = table(Reply::Text("said".to_owned()), 1000).unwrap();
        assert!(text.contains(r#""rows": [["said"]]"#), "{text}");
    }

    #[test]
    fn a_table_has_an_end() {
        let most = limits::GRAFANA_BYTES;
        assert!(table(Reply::Objects(vec![wide(limits::GRAFANA_COLUMNS)]), most).is_ok());
        assert!(refusal(vec![wide(limits::GRAFANA_COLUMNS + 1)], most).contains("columns"));
        let mut rows = vec![json!({}); limits::GRAFANA_CELLS / limits::GRAFANA_COLUMNS];
        rows.push(wide(limits::GRAFANA_COLUMNS));
        assert!(refusal(rows, most).contains("cells"));
        assert!(refusal(vec![wide(3); 100], 500).contains("bytes"));
    }
}
