//! `key = value and key = value …` (reference/command-language 6).

use super::{Arguments, Error, Key, Kind, Resolved, Scope, Word, joined, resolve};
use anylog_values::{Address, TimeSpan, TimeSpanError};
use std::collections::HashSet;

/// Reads the words after `where` with the keys that the command has.
///
/// # Errors
/// When the list does not read as pairs, a key is unknown, missing or repeated, a reference is not
/// defined, or a value is of another type.
pub fn where_list(words: &[Word], scope: &dyn Scope, schema: &[Key]) -> Result<Arguments, Error> {
    let mut given = Given::default();
    let mut rest = words;
    while !rest.is_empty() {
        let (name, after) = take_key(words, rest, scope)?;
        let key = schema.iter().find(|key| key.name == name).ok_or(Error::UnknownKey(name))?;
        let bound = scope.binds() && after.first().is_some_and(Word::is_reference);
        let (value, after) = take_value(words, after, key.name, scope)?;
        if bound {
            given.add_one(key, value)?
        } else {
            given.add(key, value, scope)?
        }
        rest = after;
    }
    let Given { arguments, .. } = given;
    for key in schema.iter().filter(|key| key.required) {
        match arguments.all(key.name).next() {
            None => return Err(Error::MissingKey(key.name)),
            Some(value) if value.is_empty() => return Err(Error::EmptyValue(key.name)),
            Some(_) => {}
        }
    }
    Ok(arguments)
}

/// Reads a list with any keys, in the order in which they are written; typed references keep their type.
///
/// # Errors
/// When the list does not read as pairs or a reference is not defined.
pub fn pairs(words: &[Word], scope: &dyn Scope) -> Result<Vec<(String, Resolved)>, Error> {
    let mut pairs = Vec::new();
    let mut rest = words;
    while !rest.is_empty() {
        let (name, after) = take_key(words, rest, scope)?;
        let (value, after) = take_value(words, after, &name, scope)?;
        pairs.push((name, value));
        rest = after;
    }
    Ok(pairs)
}

/// Reads the words up to `=`.
fn take_key<'a>(all: &[Word], words: &'a [Word], scope: &dyn Scope) -> Result<(String, &'a [Word]), Error> {
    let Some(end) = words.iter().position(|word| word.is("=")) else {
        let term = term(all, words, scope)?.into_text();
        return Err(Error::MissingEqual(term));
    };
    let (name, rest) = words.split_at(end);
    let name = term(all, name, scope)?.into_text();
    if name.is_empty() {
        return Err(Error::Pairs(format!("in command: '{}'", joined(all))));
    }
    Ok((name, rest.get(1..).unwrap_or_default()))
}

/// Reads the words up to `and`.
fn take_value<'a>(
    all: &[Word],
    words: &'a [Word],
    key: &str,
    scope: &dyn Scope,
) -> Result<(Resolved, &'a [Word]), Error> {
    if words.is_empty() {
        return Err(Error::Pairs(format!("using key: '{key}'")));
    }
    let end = words.iter().position(|word| word.is("and")).unwrap_or(words.len());
    let (value, rest) = words.split_at(end);
    let value = term(all, value, scope)?;
    if value.is_empty() {
        return Err(Error::MissingValue(key.to_owned()));
    }
    Ok((value, rest.get(1..).unwrap_or_default()))
}

/// Joins words with one blank; references are replaced, and a typed one alone keeps its type.
fn term(all: &[Word], words: &[Word], scope: &dyn Scope) -> Result<Resolved, Error> {
    if let [word] = words {
        return word_value(all, word, scope);
    }
    let mut text = String::new();
    for (at, word) in words.iter().enumerate() {
        if at > 0 {
            text.push(' ');
        }
        text.push_str(&word_value(all, word, scope)?.into_text());
    }
    Ok(Resolved::Text(text))
}

fn word_value(all: &[Word], word: &Word, scope: &dyn Scope) -> Result<Resolved, Error> {
    if word.text.is_empty() {
        let before = all.iter().position(|other| std::ptr::eq(other, word)).unwrap_or_default();
        return Err(Error::EmptyWord(joined(all.get(..before).unwrap_or_default())));
    }
    if !word.is_reference() {
        return Ok(Resolved::Text(word.text.clone()));
    }
    Some(resolve(word, scope)).filter(|value| !value.is_empty()).ok_or_else(|| Error::Undefined(word.text.clone()))
}

/// The values that were read so far.
#[derive(Debug, Default)]
struct Given {
    arguments: Arguments,
    /// The values of keys that may have many: a list may hold hundreds of thousands, and each comes once.
    seen: HashSet<(&'static str, String)>,
}

impl Given {
    /// Adds one value, or each value of `(a, b)`, to a key.
    fn add(&mut self, key: &Key, value: Resolved, scope: &dyn Scope) -> Result<(), Error> {
        let inner = match &value {
            Resolved::Text(text) if key.name != "sort" => {
                text.strip_prefix('(').and_then(|text| text.strip_suffix(')'))
            }
            _ => None,
        };
        match (inner, key.kind) {
            (Some(inner), Kind::Nested) => self.add_one(key, Resolved::Text(inner.to_owned())),
            (None, Kind::Nested) => {
                let name = key.name;
                let text = format!("Missing parenthesis to represent the value for the key: '{name}'");
                Err(Error::Type(text))
            }
            (Some(inner), _) => inner.split(',').map(str::trim).try_for_each(|part| {
                let word = Word::plain(part);
                let part = if word.is_reference() { word_value(&[], &word, scope)? } else { Resolved::Text(word.text) };
                self.add_one(key, part)
            }),
            (None, _) => self.add_one(key, value),
        }
    }

    /// Adds one value to a key: once, and no second one to a key that has one value. The value of a bound reference
    /// comes here at once, for its parentheses and commas are its own.
    fn add_one(&mut self, key: &Key, value: Resolved) -> Result<(), Error> {
        let value = typed(key, value.into_text())?;
        let is_new = match key.many {
            true => self.seen.insert((key.name, value.to_string())),
            false => self.arguments.all(key.name).all(|earlier| *earlier != value),
        };
        if !is_new {
            return Err(Error::Duplicate { key: key.name.to_owned(), value: value.into_text() });
        }
        if !key.many && self.arguments.has(key.name) {
            return Err(Error::Multiple(key.name.to_owned()));
        }
        self.arguments.add(key.name, value);
        Ok(())
    }
}

/// Gives a text the type of its key.
fn typed(key: &Key, text: String) -> Result<Resolved, Error> {
    let name = key.name;
    let number = |text: &str| digits(text).map(Resolved::Int);
    match key.kind {
        Kind::Text | Kind::Nested => Ok(Resolved::Text(text)),
        Kind::Int => number(&text).ok_or_else(|| format!("Value '{text}' (for key '{name}') is not numeric")),
        Kind::Float => text
            .trim()
            .parse()
            .map(Resolved::Float)
            .map_err(|_| format!("Value '{text}' (for key '{name}') is not of type float")),
        Kind::Bool => match text.to_ascii_lowercase().as_str() {
            "true" => Ok(Resolved::Bool(true)),
            "false" => Ok(Resolved::Bool(false)),
            _ => Err(format!("Value '{text}' (for key '{name}') is not boolean")),
        },
        Kind::Time => time(name, &text).map(Resolved::Int),
        Kind::Storage => storage(name, &text).map(Resolved::Int),
        Kind::Address => match text.parse::<Address>() {
            Ok(address) => Ok(Resolved::Text(address.to_string())),
            Err(_) => Err(format!("Key: '{name}' is provided with the wrong IP:Port value: '{text}'")),
        },
        Kind::Format if matches!(text.as_str(), "json" | "table") => Ok(Resolved::Text(text)),
        Kind::Format => Err(format!(
            "Key: '{name}' is provided with the wrong value: '{text}', optional values are 'json' or 'table'"
        )),
    }
    .map_err(Error::Type)
}

/// Reads digits and nothing else.
fn digits(text: &str) -> Option<i64> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Reads `N unit` as seconds; a time may be negative, which counts as none.
fn time(key: &str, text: &str) -> Result<i64, String> {
    let (sign, length) = text.strip_prefix('-').map_or((1, text), |length| (-1, length));
    let span = TimeSpan::with_unit(length);
    if span == Err(TimeSpanError::TooLong) {
        return Err(format!("Key: '{key}' is provided with a time longer than 100 years: '{text}'"));
    }
    match span.ok().and_then(TimeSpan::whole_seconds).and_then(|seconds| i64::try_from(seconds).ok()) {
        Some(seconds) => Ok(sign * seconds),
        None if text.split_whitespace().count() == 2 => {
            Err(format!("Wrong time unit: Key: '{key}' is provided with the wrong time value: '{text}'"))
        }
        None => Err(format!("Key: '{key}' showing wrong time value and units: '{text}'")),
    }
}

/// Reads `N`, `NKB`, `NMB`, `NGB` or `NTB` as bytes.
fn storage(key: &str, text: &str) -> Result<i64, String> {
    let upper = text.to_ascii_uppercase();
    let (number, unit) = match upper.strip_suffix('B').filter(|_| upper.len() > 2) {
        None => (upper.as_str(), 1_i64),
        Some(rest) => {
            let powers = [('K', 10_u32), ('M', 20), ('G', 30), ('T', 40)];
            powers
                .iter()
                .find_map(|(letter, power)| rest.strip_suffix(*letter).map(|number| (number, 1_i64 << power)))
                .ok_or_else(|| format!("The value for the key '{key}' needs to be a number or KB or MB or GB"))?
        }
    };
    digits(number.trim())
        .and_then(|number| number.checked_mul(unit))
        .ok_or_else(|| format!("Value '{text}' (for key '{key}') is not numeric"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words;

    struct Ports;

    impl Scope for Ports {
        fn variable(&self, name: &str) -> Option<String> {
            (name == "port").then(|| "32048".to_owned())
        }
        fn environment(&self, _name: &str) -> Option<String> {
            None
        }
    }

    const SCHEMA: &[Key] = &[
        Key::text("name").required(),
        Key::int("port"),
        Key::bool("bind"),
        Key::time("time"),
        Key::storage("size"),
        Key::address("connection"),
        Key::text("dest").many(),
    ];

    fn read(text: &str) -> Result<Arguments, Error> {
        where_list(&words(text).unwrap(), &Ports, SCHEMA)
    }

    fn error(text: &str) -> String {
        read(text).unwrap_err().to_string()
    }

    #[test]
    fn a_list_gives_typed_values() {
        let list = read(
            "name = my node and port = !port and bind = True and time = 30 seconds and size = 5MB \
             and connection = host:1 and dest = (file, dbms) and",
        )
        .unwrap();
        assert_eq!(list.text("name"), Some("my node"));
        assert_eq!(list.int("port"), Some(32048));
        assert_eq!(list.bool("bind"), Some(true));
        assert_eq!(list.seconds("time").unwrap().as_secs(), 30);
        assert_eq!(list.int("size"), Some(5 << 20));
        assert_eq!(list.texts("dest").collect::<Vec<_>>(), ["file", "dbms"]);
    }

    #[test]
    fn mistakes_are_told_as_the_network_tells_them() {
        assert_eq!(error("nme = a"), "Unknown key in AnyLog command: nme");
        assert_eq!(error("port = 1"), "Missing 'name' in command variables");
        assert_eq!(error("name a"), "Missing '=' sign for key: 'name a'");
        assert_eq!(error("name = !x"), "Missing dictionary definition for: '!x'");
        assert_eq!(error("name = a and port = x"), "Value 'x' (for key 'port') is not numeric");
        assert_eq!(error("name = a and bind = x"), "Value 'x' (for key 'bind') is not boolean");
        assert_eq!(error("name = a and time = 5"), "Key: 'time' showing wrong time value and units: '5'");
        assert_eq!(
            error("name = a and time = 5 x"),
            "Wrong time unit: Key: 'time' is provided with the wrong time value: '5 x'"
        );
        assert_eq!(
            error("name = a and connection = x"),
            "Key: 'connection' is provided with the wrong IP:Port value: 'x'"
        );
        assert_eq!(error("name = a and name = b"), "Multiple values to key: name");
        assert_eq!(error("name = a and name = a"), "Duplicate key value pair: name : a");
        assert_eq!(error("name = (a, b, c)"), "Multiple values to key: name");
        assert_eq!(error("name = a and dest = b and dest = (c, b)"), "Duplicate key value pair: dest : b");
        assert_eq!(
            error("name = a and time = 99999999999999999 days"),
            "Key: 'time' is provided with a time longer than 100 years: '99999999999999999 days'"
        );
    }

    #[test]
    fn many_values_cost_no_more_than_others() {
        // Each was compared with all before it: 300,000 took minutes.
        let values = (0..300_000).map(|number| format!("v{number}")).collect::<Vec<_>>().join(", ");
        let list = read(&format!("name = a and dest = ({values})")).unwrap();
        assert_eq!((list.texts("dest").count(), list.text("dest")), (300_000, Some("v0")));
        assert_eq!(error(&format!("name = ({values})")), "Multiple values to key: name");
        let pairs: String = (0..100_000).map(|number| format!(" and dest = {number}")).collect();
        assert_eq!(read(&format!("name = a{pairs}")).unwrap().texts("dest").count(), 100_000);
    }

    #[test]
    fn untyped_lists_keep_the_type_of_a_reference() {
        let list = pairs(&words("a = !port.int and b = !port").unwrap(), &Ports).unwrap();
        assert_eq!(list, [("a".into(), Resolved::Int(32048)), ("b".into(), Resolved::Text("32048".into()))]);
    }
}
