//! The text form that the network's ids are made of: values as Python 3 writes them (reference/ledger 2.3 to 2.5).

mod number;
mod printable;

pub use number::{float, number};

use printable::is_printable;
use serde_json::Value;
use std::fmt::Write;

/// Returns TEXT of a value: `{'a': 1, 'b': [True, None]}`.
#[must_use]
pub fn text(value: &Value) -> String {
    let mut out = String::new();
    write_value(&mut out, value);
    out
}

/// Adds TEXT of a string, with its quotes.
pub(super) fn write_text(out: &mut String, string: &str) {
    let quote = if string.contains('\'') && !string.contains('"') { '"' } else { '\'' };
    out.push(quote);
    for character in string.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            c if c == quote => out.extend(['\\', c]),
            c if is_printable(c) => out.push(c),
            c => write_code(out, u32::from(c)),
        }
    }
    out.push(quote);
}

/// Adds TEXT of an object made of these entries.
pub(super) fn write_object<'a>(out: &mut String, entries: impl Iterator<Item = (&'a String, &'a Value)>) {
    out.push('{');
    for (at, (key, value)) in entries.enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        write_text(out, key);
        out.push_str(": ");
        write_value(out, value);
    }
    out.push('}');
}

fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("None"),
        Value::Bool(truth) => out.push_str(if *truth { "True" } else { "False" }),
        Value::Number(value) => out.push_str(&number(value)),
        Value::String(string) => write_text(out, string),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                write_value(out, item);
            }
            out.push(']');
        }
        Value::Object(object) => write_object(out, object.iter()),
    }
}

/// Adds the escape of a code point that is not printable.
fn write_code(out: &mut String, code: u32) {
    let _ = match code {
        0..0x100 => write!(out, "\\x{code:02x}"),
        0x100..0x1_0000 => write!(out, "\\u{code:04x}"),
        _ => write!(out, "\\U{code:08x}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn writes_values_like_python() {
        let cases = [
            (json!({"a": [], "b": {}, "c": ""}), "{'a': [], 'b': {}, 'c': ''}"),
            (json!([true, false, null, 1, -2, 1.5]), "[True, False, None, 1, -2, 1.5]"),
            (json!("it's"), "\"it's\""),
            (json!("it's \"x\""), "'it\\'s \"x\"'"),
            (json!("a\u{0}\u{1f}\u{7f}\u{80}\u{a0}\n\r\t\\"), "'a\\x00\\x1f\\x7f\\x80\\xa0\\n\\r\\t\\\\'"),
            (json!("\u{378}\u{e000}\u{600}\u{f0000}\u{1f600}"), "'\\u0378\\ue000\\u0600\\U000f0000\u{1f600}'"),
            (json!("\u{1fae8}"), "'\\U0001fae8'"),
        ];
        for (value, expected) in cases {
            assert_eq!(text(&value), expected);
        }
    }
}
