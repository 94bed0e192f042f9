//! JSON as a page shows it: objects and lists fold, and nothing in it makes the page long or deep beyond bounds.

use crate::console::words::short;
use serde_json::Value;

/// Lines of one policy.
const LINES: usize = 2000;
/// Levels that fold; what is deeper is written on one line.
const DEPTH: usize = 16;
/// Levels that are open at first.
const OPEN: usize = 3;
/// Characters of a key that a line shows: keys may be as long as values.
const KEY: usize = 200;
/// Characters of a value that a line shows.
const SHOWN: usize = 2000;

/// A line of folded JSON; every [`JsonLine::Open`] has its [`JsonLine::Close`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonLine {
    /// An object or a list begins.
    Open {
        /// Its key, or its place in a list.
        key: String,
        /// What it is, and how much is in it.
        summary: String,
        /// True when it is shown unfolded.
        is_open: bool,
    },
    /// It ends.
    Close,
    /// A value that does not fold.
    Leaf {
        /// Its key, or its place in a list.
        key: String,
        /// The value, cut when it is long.
        text: String,
        /// The class of its colour.
        class: &'static str,
    },
    /// Something is left out: what.
    More(String),
}

/// Returns the lines of a value under a key.
#[must_use]
pub fn folded(key: &str, value: &Value) -> Vec<JsonLine> {
    let mut lines = Vec::new();
    add(key, value, 0, &mut lines);
    lines
}

/// Adds a value. It calls itself for levels up to [`DEPTH`] alone.
fn add(key: &str, value: &Value, level: usize, lines: &mut Vec<JsonLine>) {
    let count = match value {
        Value::Object(object) => object.len(),
        Value::Array(items) => items.len(),
        _ => 0,
    };
    if count == 0 || level == DEPTH {
        lines.push(leaf(key, value));
        return;
    }
    lines.push(JsonLine::Open { key: short(key, KEY), summary: summary(value, count), is_open: level < OPEN });
    let is_full = |lines: &Vec<JsonLine>| lines.len() >= LINES;
    let mut left = count;
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                if is_full(lines) {
                    break;
                }
                add(key, value, level + 1, lines);
                left -= 1;
            }
        }
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                if is_full(lines) {
                    break;
                }
                add(&place.to_string(), item, level + 1, lines);
                left -= 1;
            }
        }
        _ => {}
    }
    if left > 0 {
        lines.push(JsonLine::More(format!("{left} more")));
    }
    lines.push(JsonLine::Close);
}

fn summary(value: &Value, count: usize) -> String {
    let (open, what, close) = if value.is_array() { ('[', "entry", ']') } else { ('{', "attribute", '}') };
    match (count, what) {
        (1, _) => format!("{open} 1 {what} {close}"),
        (_, "entry") => format!("{open} {count} entries {close}"),
        _ => format!("{open} {count} attributes {close}"),
    }
}

fn leaf(key: &str, value: &Value) -> JsonLine {
    let (text, class) = match value {
        // A quote and what is escaped show where a text begins and ends.
        Value::String(text) if text.len() > 4 * SHOWN => {
            let start: String = text.chars().take(SHOWN).collect();
            (format!("{} … ({} bytes, cut)", Value::from(start), text.len()), "text")
        }
        Value::String(_) => (value.to_string(), "text"),
        other => (other.to_string(), "literal"),
    };
    let text = match text.char_indices().nth(SHOWN + 100) {
        Some((end, _)) => format!("{} … ({} bytes, cut)", text.get(..end).unwrap_or_default(), text.len()),
        None => text,
    };
    JsonLine::Leaf { key: short(key, KEY), text, class }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, json};

    fn depth(lines: &[JsonLine]) -> usize {
        let (mut level, mut deepest) = (0_usize, 0);
        for line in lines {
            match line {
                JsonLine::Open { .. } => level += 1,
                JsonLine::Close => level = level.checked_sub(1).expect("what closes was open"),
                _ => {}
            }
            deepest = deepest.max(level);
        }
        assert_eq!(level, 0, "everything closes");
        deepest
    }

    #[test]
    fn objects_and_lists_fold_and_values_are_lines() {
        let lines = folded("device", &json!({"name": "a\"b", "list": [1, {}], "none": null}));
        let leaf = |key: &str, text: &str, class| JsonLine::Leaf { key: key.to_owned(), text: text.to_owned(), class };
        let open = |key: &str, summary: &str| JsonLine::Open {
            key: key.to_owned(),
            summary: summary.to_owned(),
            is_open: true,
        };
        let expected = [
            open("device", "{ 3 attributes }"),
            leaf("name", r#""a\"b""#, "text"),
            open("list", "[ 2 entries ]"),
            leaf("0", "1", "literal"),
            leaf("1", "{}", "literal"),
            JsonLine::Close,
            leaf("none", "null", "literal"),
            JsonLine::Close,
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn hostile_policies_stay_within_bounds() {
        let deep = (0..120).fold(json!("end"), |inner, _| json!({"k": [inner]}));
        let lines = folded("deep", &deep);
        assert_eq!(depth(&lines), DEPTH);
        let wide: Map<String, Value> = (0..50_000).map(|at| (format!("k{at}"), json!({"a": [at]}))).collect();
        let lines = folded("wide", &Value::Object(wide));
        assert!(lines.len() < LINES + 10 && depth(&lines) <= 3);
        assert!(lines.iter().any(|line| matches!(line, JsonLine::More(text) if text.ends_with(" more"))));
        let long = folded("x", &json!({"<script>".repeat(100): "\u{1}".repeat(1_000_000), "n": vec![1; 100_000]}));
        let sizes = long.iter().map(|line| match line {
            JsonLine::Leaf { key, text, .. } => key.len() + text.len(),
            _ => 0,
        });
        assert!(sizes.max().unwrap() < 8 * SHOWN);
    }
}
