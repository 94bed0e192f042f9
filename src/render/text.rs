//! Replies as REST, TCP and assignments get them.

use crate::{
    render::{
        answers::answers,
        checklist::checklist,
        help::help,
        lines::{lines, pairs},
        policies::policies,
        policy_plan::policy_plan,
        rows::rows,
        table::table,
        value::{readable, value},
    },
    reply::{Reply, WrittenJson},
};
use serde::Serialize;
use serde_json::Value;

/// Renders a reply without any line break added: plain text, a table, or one line of JSON.
#[must_use]
pub fn text(reply: &Reply) -> String {
    match reply {
        Reply::Empty | Reply::Copy(_) | Reply::Control(_) | Reply::Value(Value::Null) => String::new(),
        Reply::Text(text) | Reply::Json(WrittenJson { text, .. }) => text.clone(),
        Reply::Value(plain @ (Value::String(_) | Value::Bool(_) | Value::Number(_))) => readable(plain),
        Reply::Value(json) => value(json),
        Reply::Lines(all) => lines(all),
        Reply::Pairs(all) => pairs(all),
        Reply::Table(rows) => table(rows),
        Reply::Sections(sections) => sections.iter().map(|section| format!("\r\n{}", text(section))).collect(),
        Reply::Policies(list) => policies(list, value),
        Reply::Rows(selected) => rows(selected),
        Reply::Objects(list) => objects(list),
        Reply::Help(answer) => help(answer),
        Reply::Indented(value) => indented(value),
        Reply::Count(count) => format!("[{{\"count\" : {count} }}]"),
        Reply::Answers(all) => answers(all),
        Reply::Checklist(list) => checklist(list),
        Reply::PolicyPlan(plan) => policy_plan(plan),
    }
}

/// Renders JSON over several lines, with four blanks per level.
fn indented(value: &Value) -> String {
    let mut bytes = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
    match value.serialize(&mut serializer) {
        Ok(()) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(_) => value.to_string(),
    }
}

fn objects(list: &[Value]) -> String {
    format!("[{}]", list.iter().map(value).collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::ListedPolicy;
    use serde_json::json;

    #[test]
    fn values_keep_the_form_that_clients_know() {
        assert_eq!(text(&Reply::Empty), "");
        assert_eq!(text(&Reply::Text("a\n".to_owned())), "a\n");
        assert_eq!(text(&Reply::Value(json!("{\"k\":1}"))), "{\"k\":1}");
        assert_eq!(text(&Reply::Value(json!(true))), "True");
        assert_eq!(text(&Reply::Value(json!(5.0))), "5.0");
        assert_eq!(text(&Reply::Value(json!({"a": 1, "b": "é"}))), "{\"a\": 1, \"b\": \"\\u00e9\"}");
        assert_eq!(text(&Reply::Policies(vec![])), "[]");
        let values = vec![json!({"a": {"n": 1}}), json!({"b": {}})];
        let policies = values.iter().cloned().map(ListedPolicy::from).collect();
        assert_eq!(text(&Reply::Policies(policies)), "[{\"a\": {\"n\": 1}}, {\"b\": {}}]");
        assert_eq!(text(&Reply::Objects(values)), "[{\"a\": {\"n\": 1}},{\"b\": {}}]");
        assert_eq!(text(&Reply::Indented(json!({"a": [1]}))), "{\n    \"a\": [\n        1\n    ]\n}");
        assert_eq!(text(&Reply::Count(2)), "[{\"count\" : 2 }]");
    }

    #[test]
    fn sections_stand_below_each_other() {
        let sections = ["a", "b"].map(|text| Reply::Text(text.to_owned())).to_vec();
        assert_eq!(text(&Reply::Sections(sections)), "\r\na\r\nb");
        assert_eq!(text(&Reply::Sections(vec![])), "");
    }
}
