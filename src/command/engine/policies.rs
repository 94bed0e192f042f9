//! Policies that commands are given, as text or as a variable.

use crate::{
    command::engine::Line,
    policy::{self, Policy, json},
    reply::{Code, Error},
    script::{Scope, Word, fill, resolve},
};
use serde_json::Value;

/// Returns the JSON text that a word stands for, with its references filled (reference/ledger 1.5).
#[must_use]
pub fn policy_text(word: &Word, scope: &dyn Scope) -> String {
    fill(&resolve(word, scope).into_text(), scope)
}

/// Returns the only argument of a command.
///
/// # Errors
/// Code 2 when there is none, or more than one.
pub fn only_word<'a>(line: &'a Line<'_>) -> Result<&'a Word, Error> {
    match line.arguments() {
        [word] => Ok(word),
        [] => Err(Error::with(Code::STRUCTURE, "a policy is expected: {\"type\": {…}} or !variable")),
        [_, word, ..] => Err(Error::with(Code::STRUCTURE, format!("'{}' is not expected here", word.text))),
    }
}

/// Reads one policy; a list with one object counts as that object.
///
/// # Errors
/// Code 6 for a text that is none.
pub fn one_policy(text: &str) -> Result<Policy, Error> {
    let no_policy = || Error::known(Code::JSON, format!("String is not representative of JSON: {text}"));
    let value = json::parse_lenient(text).map_err(|error| unreadable(error, |_| no_policy()))?;
    let value = match value {
        Value::Array(list) if list.len() == 1 => list.into_iter().next().unwrap_or_default(),
        value => value,
    };
    match &value {
        Value::Object(object) if !object.is_empty() => Ok(Policy::from_value(value)?),
        _ => Err(no_policy()),
    }
}

/// Makes the refusal of a text that cannot be read, which a command has its own words for unless a number is at fault.
pub fn unreadable(error: policy::Error, own: impl FnOnce(String) -> Error) -> Error {
    match error {
        policy::Error::NotFinite { .. } => error.into(),
        error => own(error.to_string()),
    }
}

/// Reads one policy, or several as a list.
///
/// # Errors
/// Code 6 for a text that is neither.
pub fn policy_list(text: &str) -> Result<Vec<Policy>, Error> {
    let values = match json::parse_lenient(text).map_err(Error::from)? {
        Value::Array(list) => list,
        value => vec![value],
    };
    let is_policy = |value: &Value| value.as_object().is_some_and(|object| !object.is_empty());
    if values.is_empty() || !values.iter().all(is_policy) {
        return Err(Error::with(Code::JSON, format!("a policy or a list of policies is expected, not {text}")));
    }
    values.into_iter().map(|value| Policy::from_value(value).map_err(Error::from)).collect()
}
