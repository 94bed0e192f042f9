//! When an attribute equals a text that somebody asks for (reference/ledger 7.2).

use super::python;
use serde_json::Value;

/// Tells whether an attribute equals a text: text ignoring case, numbers by value, lists when one item is
/// the text in lower case; the attribute `*` equals every text.
#[must_use]
pub fn equals(attribute: &Value, text: &str) -> bool {
    match attribute {
        Value::String(own) => own == "*" || same_text(own, text),
        Value::Array(items) => {
            let lower = text.to_lowercase();
            items.iter().any(|item| item.as_str() == Some(&lower))
        }
        Value::Number(number) if number.is_f64() => text.parse::<f64>().is_ok_and(|f| number.as_f64() == Some(f)),
        Value::Number(number) => integer(text).is_some_and(|i| number.to_string() == i.to_string()),
        Value::Bool(truth) => truth_of(text) == Some(*truth),
        Value::Null | Value::Object(_) => false,
    }
}

/// Tells whether two texts are the same when case does not count.
#[must_use]
pub fn same_text(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
        || (!(one.is_ascii() && other.is_ascii()) && one.to_lowercase() == other.to_lowercase())
}

/// Returns the text under which a value is looked for: strings as they are, the rest in TEXT form.
#[must_use]
pub fn comparable_text(value: &Value) -> String {
    value.as_str().map_or_else(|| python::text(value), str::to_owned)
}

fn integer(text: &str) -> Option<i128> {
    text.trim().parse().ok()
}

fn truth_of(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::equals;
    use serde_json::json;

    #[test]
    fn compares_each_kind_in_its_own_way() {
        let cases = [
            (json!("Op1"), "oP1", true),
            (json!("*"), "anything", true),
            (json!("32150"), "32150", true),
            (json!(8), "08", true),
            (json!(8), "8.0", false),
            (json!(1.5), "1.5", true),
            (json!(true), "true", true),
            (json!(true), "1", true),
            (json!(false), "true", false),
            (json!(["admin", "dev"]), "DEV", true),
            (json!(["DEV"]), "DEV", false),
            (json!(null), "null", false),
            (json!({"a": 1}), "a", false),
        ];
        for (attribute, text, expected) in cases {
            assert_eq!(equals(&attribute, text), expected, "{attribute} = {text}");
        }
    }
}
