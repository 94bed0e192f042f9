//! Policies that commands are given, as text or as a variable.

use crate::{
    command::engine::Line,
    policy::{self, Policy, json},
    reply::{Code, Error},
    script::{self, Scope, Word, fill, resolve, unfilled},
};
use serde_json::Value;

/// Returns the JSON text that a word stands for, with its references filled (reference/ledger 1.5). A reference that is not
/// defined stays, so that [`undefined`] can name it.
#[must_use]
pub fn policy_text(word: &Word, scope: &dyn Scope) -> String {
    let text = resolve(word, scope).into_text();
    fill(if text.is_empty() { &word.text } else { &text }, scope)
}

/// Makes the refusal of a text in which a reference has no value; nothing when there is none.
#[must_use]
pub fn undefined(text: &str, code: Code) -> Option<Error> {
    let word = unfilled(text)?.to_owned();
    Some(Error::with(code, script::Error::Undefined(word).to_string()))
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
    let value = json::parse_lenient(text)
        .map_err(|error| undefined(text, Code::JSON).unwrap_or_else(|| unreadable(error, |_| no_policy())))?;
    let value = match value {
        Value::Array(list) if list.len() == 1 => list.into_iter().next().unwrap_or_default(),
        value => value,
    };
    match &value {
        Value::Object(object) if !object.is_empty() => Ok(Policy::from_value(value)?),
        _ => Err(no_policy()),
    }
}

/// Reads the policy of a command that says for every text that is none what is wrong with its structure.
///
/// # Errors
/// Code 87.
pub fn read_policy(text: &str) -> Result<Policy, Error> {
    let wrong = |error: policy::Error| Error::with(Code::POLICY_STRUCTURE, error.to_string());
    Policy::parse(text).map_err(|error| undefined(text, Code::POLICY_STRUCTURE).unwrap_or_else(|| wrong(error)))
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
    let value =
        json::parse_lenient(text).map_err(|error| undefined(text, Code::JSON).unwrap_or_else(|| error.into()))?;
    let values = match value {
        Value::Array(list) => list,
        value => vec![value],
    };
    let is_policy = |value: &Value| value.as_object().is_some_and(|object| !object.is_empty());
    if values.is_empty() || !values.iter().all(is_policy) {
        return Err(Error::with(Code::JSON, format!("a policy or a list of policies is expected, not {text}")));
    }
    values.into_iter().map(|value| Policy::from_value(value).map_err(Error::from)).collect()
}
