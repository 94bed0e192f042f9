//! JSON with folding: objects and lists open and close.

use super::shorter::shorter;
use askama::Template;
use serde_json::Value;

/// Values that are shown of one JSON; what is behind them is left out.
const MOST: usize = 5000;
/// Levels that are shown inside each other; deeper ones are written in one line.
const DEEPEST: usize = 12;
/// Levels that are open at first.
const OPEN: usize = 2;
/// Bytes of one text.
const TEXT: usize = 16 * 1024;

/// One value with what is in it.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(path = "shown/folded.html")]
pub struct FoldedValue {
    /// Its key or its place; nothing for the outermost.
    name: Option<String>,
    kind: FoldedKind,
    is_open: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum FoldedKind {
    /// A value without parts, and the class that says what it is.
    Leaf { text: String, class: &'static str },
    /// An object or a list.
    Branch { about: String, parts: Vec<FoldedValue>, is_cut: bool },
}

impl FoldedValue {
    /// Makes what is shown of a value.
    #[must_use]
    pub fn new(value: &Value) -> Self {
        let mut left = MOST;
        Self::part(None, value, 0, &mut left)
    }

    fn part(name: Option<String>, value: &Value, depth: usize, left: &mut usize) -> Self {
        let (about, parts): (String, Vec<(String, &Value)>) = match value {
            Value::Object(map) if depth < DEEPEST && !map.is_empty() => {
                (counted(map.len(), "key"), map.iter().map(|(key, value)| (key.clone(), value)).take(*left).collect())
            }
            Value::Array(items) if depth < DEEPEST && !items.is_empty() => {
                let places = items.iter().enumerate().map(|(at, value)| (at.to_string(), value));
                (counted(items.len(), "entry"), places.take(*left).collect())
            }
            other => return Self { name, kind: leaf(other), is_open: false },
        };
        let all = value.as_object().map(serde_json::Map::len).or(value.as_array().map(Vec::len)).unwrap_or_default();
        let mut shown = Vec::new();
        for (key, value) in parts {
            let Some(less) = left.checked_sub(1) else { break };
            *left = less;
            shown.push(Self::part(Some(key), value, depth + 1, left));
        }
        let is_cut = shown.len() < all;
        Self { name, kind: FoldedKind::Branch { about, parts: shown, is_cut }, is_open: depth < OPEN }
    }
}

fn counted(count: usize, what: &str) -> String {
    let plural = if what == "entry" { "entries" } else { "keys" };
    if count == 1 { format!("1 {what}") } else { format!("{count} {plural}") }
}

fn leaf(value: &Value) -> FoldedKind {
    let class = match value {
        Value::String(_) => "text",
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => "literal",
    };
    FoldedKind::Leaf { text: shorter(&value.to_string(), TEXT).0.into_owned(), class }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_fold_and_nothing_becomes_markup() {
        let hostile = json!({"<b>": ["</details><script>alert(1)</script>", 1.50, null], "empty": {}});
        let page = FoldedValue::new(&hostile).to_string();
        assert!(!page.contains("<script") && !page.contains("<b>"), "{page}");
        assert!(page.contains("<details") && page.contains("3 entries") && page.contains("2 keys"), "{page}");
    }

    #[test]
    fn a_large_or_deep_value_is_cut() {
        let large: Value = (0..MOST * 2).collect();
        let FoldedKind::Branch { parts, is_cut, .. } = FoldedValue::new(&large).kind else { panic!("no branch") };
        assert!(parts.len() == MOST && is_cut);
        let deep = (0..100).fold(json!(1), |inner, _| json!([inner]));
        assert!(FoldedValue::new(&deep).to_string().matches("<details").count() <= DEEPEST);
    }
}
