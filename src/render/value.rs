//! Values as one line: JSON for clients, the network's own notation inside tables and structured print.

use crate::policy::{json, python};
use serde_json::Value;

/// Renders a value as one line of JSON: separators `, ` and `: `, ASCII with `\u` escapes (reference/rest 8).
#[must_use]
pub fn value(value: &Value) -> String {
    json::text(value)
}

/// Renders a value for people: texts bare, `True`, `False`, `None`, lists and objects in the network's notation.
pub(super) fn readable(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => python::text(other),
    }
}
