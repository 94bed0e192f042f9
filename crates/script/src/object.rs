//! JSON objects kept in variables: `set policy NAME [a][b] = value`, `name[a][b] = value` (reference/command-language 8.1).

use super::{Error, Resolved, Scope, Word, resolve};
use anylog_policy::json;
use serde_json::{Map, Value};

/// What is done at a place of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    keys: Vec<String>,
    value: Value,
    append: bool,
}

impl Change {
    /// Describes the change of one place, given as `[a][b]`.
    ///
    /// # Errors
    /// When the place is not written in brackets.
    pub fn new(place: &str, value: Value, append: bool, scope: &dyn Scope) -> Result<Self, Error> {
        Ok(Self { keys: keys(place, scope)?, value, append })
    }

    /// Makes the change.
    ///
    /// # Errors
    /// When a key on the way does not exist or leads to something else than an object, or to no list for `+`.
    pub fn apply(self, object: &mut Map<String, Value>) -> Result<(), Error> {
        let Some((last, path)) = self.keys.split_last() else { return Err(structure()) };
        let mut place = object;
        for (at, key) in path.iter().enumerate() {
            let next = self.keys.get(at + 1).map_or("", String::as_str);
            place = match place.get_mut(key) {
                None => return Err(failed("Error in depth of assignment key")),
                Some(Value::Object(map)) => map,
                Some(_) => return Err(failed(&format!("The key: '{next}' does not lead to a dictionary"))),
            };
        }
        match (self.append, place.get_mut(last)) {
            (false, _) => {
                place.insert(last.clone(), self.value);
            }
            (true, Some(Value::Array(list))) => list.push(self.value),
            (true, _) => return Err(failed(&format!("The key: '{last}' does not lead to a list"))),
        }
        Ok(())
    }
}

fn failed(text: &str) -> Error {
    Error::Object(format!("Command 'set policy' failed: {text}"))
}

fn structure() -> Error {
    failed("Wrong key structure in assignment")
}

/// Splits `[a][b]`; a key may be in quotes or a reference.
fn keys(place: &str, scope: &dyn Scope) -> Result<Vec<String>, Error> {
    let mut keys = Vec::new();
    let mut rest = place;
    while !rest.is_empty() {
        let (key, tail) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).ok_or_else(structure)?;
        let key = key.trim();
        let unquoted = ['\'', '"'].iter().find_map(|quote| key.strip_prefix(*quote)?.strip_suffix(*quote));
        let key = match unquoted {
            Some(key) => key.to_owned(),
            None if key.starts_with(['!', '$']) => resolve(key, scope).into_text(),
            None => key.to_owned(),
        };
        if key.is_empty() {
            return Err(structure());
        }
        keys.push(key);
        rest = tail;
    }
    if keys.is_empty() { Err(structure()) } else { Ok(keys) }
}

/// Splits `name[a][b]` into the name and the place.
#[must_use]
pub fn place_of(key: &str) -> Option<(&str, &str)> {
    let at = key.find('[').filter(|at| *at > 0 && key.ends_with(']') && at + 2 < key.len())?;
    Some(key.split_at(at))
}

/// Returns the JSON value of a word: typed references keep their type, `'text'` stays as it is without its quotes,
/// JSON is read, everything else is text.
#[must_use]
pub fn json_value(word: &Word, scope: &dyn Scope) -> Value {
    let quoted = word.text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
    match quoted {
        Some(text) => Value::String(text.to_owned()),
        None => typed_value(resolve(word, scope)),
    }
}

/// Returns the JSON value of a resolved word.
#[must_use]
pub fn typed_value(value: Resolved) -> Value {
    match value {
        Resolved::Text(text) => {
            let quoted = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
            match quoted {
                Some(inner) if !inner.is_empty() => Value::String(inner.to_owned()),
                _ if text.starts_with(['{', '[']) => opened(text),
                _ => Value::String(text),
            }
        }
        other => other.into_value(),
    }
}

/// Reads a text that looks like JSON; one that is none, such as a list of words without quotes, stays a text.
fn opened(text: String) -> Value {
    json::parse_lenient(&text).unwrap_or(Value::String(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nothing;

    impl Scope for Nothing {
        fn variable(&self, _name: &str) -> Option<String> {
            None
        }
        fn environment(&self, _name: &str) -> Option<String> {
            None
        }
    }

    fn apply(object: &str, place: &str, value: &str, append: bool) -> Result<String, Error> {
        let mut object: Map<String, Value> = serde_json::from_str(object).unwrap();
        let value = json_value(&Word::plain(value), &Nothing);
        Change::new(place, value, append, &Nothing)?.apply(&mut object)?;
        Ok(json::text(&Value::Object(object)))
    }

    #[test]
    fn places_are_set() {
        assert_eq!(apply("{}", "[a]", "x", false).unwrap(), "{\"a\": \"x\"}");
        assert_eq!(apply("{\"a\": {}}", "[a]['k 1']", "'!b.int'", false).unwrap(), "{\"a\": {\"k 1\": \"!b.int\"}}");
        assert_eq!(apply("{\"a\": [\"w\"]}", "[a]", "x", true).unwrap(), "{\"a\": [\"w\", \"x\"]}");
        assert_eq!(apply("{}", "[a]", "['x', 'y']", false).unwrap(), "{\"a\": [\"x\", \"y\"]}");
        assert_eq!(apply("{}", "[a]", "[1, 2]", false).unwrap(), "{\"a\": [1, 2]}");
    }

    #[test]
    fn wrong_places_are_told() {
        let depth = "Command 'set policy' failed: Error in depth of assignment key";
        assert_eq!(apply("{}", "[a][b]", "x", false).unwrap_err().to_string(), depth);
        let dictionary = "Command 'set policy' failed: The key: 'b' does not lead to a dictionary";
        assert_eq!(apply("{\"a\": 1}", "[a][b]", "x", false).unwrap_err().to_string(), dictionary);
        let wrong = "Command 'set policy' failed: Wrong key structure in assignment";
        for place in ["", "[]", "a", "[a"] {
            assert_eq!(apply("{}", place, "x", false).unwrap_err().to_string(), wrong, "{place}");
        }
        assert!(apply("{}", "[nosuch]", "x", true).is_err());
    }
}
