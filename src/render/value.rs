//! Values as one line: JSON for clients, the network's own notation inside tables and structured print.

use serde_json::Value;

/// Renders a value as one line of JSON: separators `, ` and `: `, ASCII with `\u` escapes (spec/rest 8).
#[must_use]
pub fn value(value: &Value) -> String {
    match value {
        Value::Array(entries) => format!("[{}]", entries.iter().map(self::value).collect::<Vec<_>>().join(", ")),
        Value::Object(pairs) => {
            let pairs: Vec<String> =
                pairs.iter().map(|(key, inner)| format!("{}: {}", quoted(key), self::value(inner))).collect();
            format!("{{{}}}", pairs.join(", "))
        }
        Value::String(text) => quoted(text),
        other => other.to_string(),
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::new();
    for character in Value::String(text.to_owned()).to_string().chars() {
        if character.is_ascii() {
            out.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

/// Renders a value for people: texts bare, `True`, `False`, `None`, lists and objects in the network's notation.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => notation(other),
    }
}

fn notation(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::String(text) => format!("'{text}'"),
        Value::Array(entries) => format!("[{}]", entries.iter().map(notation).collect::<Vec<_>>().join(", ")),
        Value::Object(pairs) => {
            let pairs: Vec<String> = pairs.iter().map(|(key, inner)| format!("'{key}': {}", notation(inner))).collect();
            format!("{{{}}}", pairs.join(", "))
        }
        Value::Number(number) => number.to_string(),
    }
}
