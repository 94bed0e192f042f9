//! The value of a word.

use serde_json::Value;
use std::fmt;

/// What a word stands for: a text, or a typed value when the reference asked for one (`!x.int`).
#[derive(Clone, Debug, PartialEq)]
pub enum Resolved {
    /// A text; empty when the reference is not defined.
    Text(String),
    /// `.int`, `.len`, `.replies`, `.diff`.
    Int(i64),
    /// `.float`.
    Float(f64),
    /// `.bool`.
    Bool(bool),
}

impl Resolved {
    /// Tells whether there is no value: an undefined reference or an empty text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }

    /// Returns the value as the dictionary stores it: `5`, `5.0`, `True`.
    #[must_use]
    pub fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            other => other.to_string(),
        }
    }

    /// Returns the value with its type kept.
    #[must_use]
    pub fn into_value(self) -> Value {
        match self {
            Self::Text(text) => Value::String(text),
            Self::Int(number) => Value::from(number),
            Self::Float(number) => serde_json::Number::from_f64(number).map_or(Value::Null, Value::Number),
            Self::Bool(value) => Value::Bool(value),
        }
    }
}

impl fmt::Display for Resolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Int(number) => write!(f, "{number}"),
            Self::Float(number) => f.write_str(&float_text(*number)),
            Self::Bool(true) => f.write_str("True"),
            Self::Bool(false) => f.write_str("False"),
        }
    }
}

/// Returns a number as the network writes it: always with a point or an exponent.
fn float_text(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && size.is_finite() && !(1e-4..1e16).contains(&size) {
        let text = format!("{number:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |rest| ('-', rest));
        return format!("{digits}e{sign}{exponent:0>2}");
    }
    let text = format!("{number}");
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') { text + ".0" } else { text.to_lowercase() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_read_as_the_network_writes_them() {
        for (number, text) in [(5.0, "5.0"), (1000.0, "1000.0"), (0.1, "0.1"), (1e16, "1e+16"), (1e-7, "1e-07")] {
            assert_eq!(Resolved::Float(number).to_string(), text);
        }
    }
}
