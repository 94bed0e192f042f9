//! Replies as the console shows them (reference/command-language 7.1 and 7.2); the prompt that follows is not ours.

use crate::{
    policy::{ListedPolicy, json},
    render::{help::help_on_console, text::text, value::readable, visible::visible},
    reply::Reply,
};
use serde_json::Value;
use std::ops::Deref;

/// Longest piece of a text in structured print, in characters.
const PIECE: usize = 64;
/// Most blanks in front of a line: a long key must not make every line below it as long.
const INDENT: usize = 512;

/// Renders a reply for the console; nothing at all for an empty one.
#[must_use]
pub fn console(reply: &Reply) -> String {
    visible(&shown(reply)).into_owned()
}

fn shown(reply: &Reply) -> String {
    match reply {
        Reply::Empty | Reply::Copy(_) | Reply::Control(_) => String::new(),
        Reply::Help(answer) => help_on_console(answer),
        Reply::Value(Value::Array(entries)) if entries.is_empty() => "[]\r\n".to_owned(),
        Reply::Value(value) => structured(value),
        Reply::Json(json) if json.is_value => structured(&Value::String(json.text.clone())),
        Reply::Policies(none) if none.is_empty() => String::new(),
        Reply::Policies(all) => policies(all),
        Reply::Text(_)
        | Reply::Json(_)
        | Reply::Lines(_)
        | Reply::Pairs(_)
        | Reply::Table(_)
        | Reply::Rows(_)
        | Reply::Answers(_)
        | Reply::Checklist(_)
        | Reply::PolicyPlan(_)
        | Reply::Sections(_)
        | Reply::Objects(_)
        | Reply::Indented(_)
        | Reply::Count(_) => as_text(reply),
    }
}

/// Renders a reply whose text is for people as it is; an empty text says nothing.
fn as_text(reply: &Reply) -> String {
    let text = text(reply);
    if text.is_empty() { text } else { text + "\r\n" }
}

/// Renders a value in structured print; nothing for an empty value.
#[must_use]
pub fn structured(value: &Value) -> String {
    let mut out = String::new();
    match value {
        empty if is_empty(empty) => {}
        Value::Bool(_) | Value::Number(_) => out = readable(value),
        other => print(&mut out, 0, other),
    }
    if out.is_empty() { out } else { format!("\r\n{out}\r\n\r\n") }
}

/// Renders policies as structured print has a list; each is read when its turn comes.
fn policies(all: &[ListedPolicy]) -> String {
    let mut out = "\r\n".to_owned();
    list(&mut out, 1, all.iter().filter_map(ListedPolicy::value));
    out.push_str("\r\n\r\n");
    out
}

/// Prints a value that begins in the given column.
fn print(out: &mut String, column: usize, value: &Value) {
    match value {
        Value::Null => {}
        Value::Object(pairs) => object(out, column + 1, pairs),
        Value::Array(entries) => list(out, column + 1, entries.iter()),
        Value::String(text) => match opened(text) {
            Some(inner) => print(out, column, &inner),
            None => plain(out, column + 5, text),
        },
        other => plain(out, column + 5, &readable(other)),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(entries) => entries.is_empty(),
        Value::Object(pairs) => pairs.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn list(out: &mut String, column: usize, entries: impl Iterator<Item: Deref<Target = Value>>) {
    out.push('[');
    for (number, entry) in entries.enumerate() {
        if number > 0 {
            new_line(out, column);
        }
        print(out, column, &entry);
    }
    out.push(']');
}

fn object(out: &mut String, column: usize, pairs: &serde_json::Map<String, Value>) {
    out.push('{');
    for (number, (key, value)) in pairs.iter().enumerate() {
        if number > 0 {
            new_line(out, column);
        }
        out.push_str(&format!("\"{key}\" : "));
        let inside = column + key.chars().count() + 5;
        match value {
            Value::String(text) => match opened(text) {
                Some(inner) => print(out, inside, &inner),
                None => pieces(out, inside, text),
            },
            Value::Object(_) | Value::Array(_) => print(out, inside, value),
            other => out.push_str(&readable(other)),
        }
    }
    out.push('}');
}

fn new_line(out: &mut String, column: usize) {
    out.push_str(",\r\n");
    out.push_str(&indent(column));
}

fn indent(column: usize) -> String {
    " ".repeat(column.min(INDENT))
}

/// Returns the list or object that a text holds, unless it is empty or no JSON.
fn opened(text: &str) -> Option<Value> {
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let quoted = || if text.starts_with("{'") { json::parse_lenient(text).ok() } else { None };
    serde_json::from_str(text).ok().or_else(quoted).filter(|value| !is_empty(value))
}

/// Prints a text outside of objects: one that is already laid out in lines stays as it is.
fn plain(out: &mut String, column: usize, text: &str) {
    if !text.contains('\n') {
        pieces(out, column, text);
    } else if text.contains('\r') {
        out.push_str(text);
    } else {
        out.push_str(&text.replace('\n', "\r\n"));
    }
}

/// Prints a text in quotes, broken after 64 characters or at its own line feeds.
fn pieces(out: &mut String, column: usize, text: &str) {
    let separator = format!("\r\n{}", indent(column));
    let pieces: Vec<String> = if text.contains('\n') {
        text.lines().filter(|line| !line.is_empty()).map(|line| format!("\"{line}\"")).collect()
    } else if text.is_empty() {
        vec!["\"\"".to_owned()]
    } else {
        let characters: Vec<char> = text.chars().collect();
        characters.chunks(PIECE).map(|piece| format!("\"{}\"", piece.iter().collect::<String>())).collect()
    };
    out.push_str(&pieces.join(&separator));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn printed(text: &str) -> String {
        console(&Reply::Value(json!(text)))
    }

    #[test]
    fn plain_text_ends_with_a_line_break() {
        assert_eq!(console(&Reply::Text("hello".to_owned())), "hello\r\n");
        assert_eq!(console(&Reply::Empty), "");
        assert_eq!(console(&Reply::Text(String::new())), "");
    }

    #[test]
    fn texts_are_quoted_and_typed_values_bare() {
        assert_eq!(printed("a b"), "\r\n\"a b\"\r\n\r\n");
        assert_eq!(printed("[]"), "\r\n\"[]\"\r\n\r\n");
        assert_eq!(printed(""), "");
        assert_eq!(console(&Reply::Value(json!(7))), "\r\n7\r\n\r\n");
        assert_eq!(console(&Reply::Value(json!(1000.0))), "\r\n1000.0\r\n\r\n");
        assert_eq!(console(&Reply::Value(json!(false))), "\r\nFalse\r\n\r\n");
    }

    #[test]
    fn long_texts_break_after_64_characters() {
        let text = "123456789 ".repeat(8);
        assert_eq!(
            printed(&text),
            "\r\n\"123456789 123456789 123456789 123456789 123456789 123456789 1234\"\r\n     \"56789 123456789 \"\r\n\r\n"
        );
        assert_eq!(
            printed(&format!("{{\"key\" : \"{text}\"}}")),
            "\r\n{\"key\" : \"123456789 123456789 123456789 123456789 123456789 123456789 1234\"\
             \r\n         \"56789 123456789 \"}\r\n\r\n"
        );
    }

    #[test]
    fn structures_are_opened_column_by_column() {
        let text =
            r#"{"list" : ["x", {"y" : "z"}], "n" : 1.5, "b" : true, "u" : null, "e" : "", "el" : [], "ed" : {}}"#;
        assert_eq!(
            printed(text),
            "\r\n{\"list\" : [\"x\",\r\n           {\"y\" : \"z\"}],\r\n \"n\" : 1.5,\r\n \"b\" : True,\r\n \"u\" : None,\
             \r\n \"e\" : \"\",\r\n \"el\" : [],\r\n \"ed\" : {}}\r\n\r\n"
        );
        assert_eq!(
            printed(r#"{"k" : {"m" : "v"}, "l" : [1, "two", true, null]}"#),
            "\r\n{\"k\" : {\"m\" : \"v\"},\r\n \"l\" : [\"1\",\r\n        \"two\",\r\n        \"True\",\r\n        ]}\r\n\r\n"
        );
        assert_eq!(printed(r#"{"s" : "[1, 2]"}"#), "\r\n{\"s\" : [\"1\",\r\n        \"2\"]}\r\n\r\n");
        assert_eq!(printed(r#"{"s" : "{\"k\" : 1}"}"#), "\r\n{\"s\" : {\"k\" : 1}}\r\n\r\n");
    }

    #[test]
    fn a_long_key_makes_no_long_lines() {
        let value = json!({"k".repeat(100_000): "v".repeat(100_000), "l".repeat(100_000): vec![1; 10_000]});
        assert!(structured(&value).len() < 10_000_000);
    }

    #[test]
    fn policies_are_a_list_of_objects() {
        assert_eq!(console(&Reply::Policies(vec![])), "");
        let text = ListedPolicy::Text { text: r#"{"x": {"k": 1, "l": [2, 3]}}"#.into(), ledger: None };
        let policies = vec![text, json!({"k": 2}).into()];
        let values: Value = policies.iter().cloned().filter_map(ListedPolicy::into_value).collect();
        let printed = console(&Reply::Policies(policies));
        assert_eq!(printed, structured(&values));
        assert!(
            printed.starts_with("\r\n[{\"x\" : {\"k\" : 1,") && printed.ends_with(",\r\n {\"k\" : 2}]\r\n\r\n"),
            "{printed}"
        );
    }
}
