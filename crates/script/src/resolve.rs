//! References: `!name`, `$NAME`, suffixes, slices and paths (reference/command-language 3).

use super::{Resolved, Scope};
use serde_json::Value;

/// The suffixes that give a reference a type or a form (reference/command-language 3.2).
const SUFFIXES: [(&str, Suffix); 8] = [
    (".int", Suffix::Int),
    (".str", Suffix::Str),
    (".len", Suffix::Len),
    (".bool", Suffix::Bool),
    (".float", Suffix::Float),
    (".name", Suffix::Name),
    (".replies", Suffix::Replies),
    (".diff", Suffix::Missing),
];

#[derive(Clone, Copy)]
enum Suffix {
    Int,
    Str,
    Float,
    Bool,
    Name,
    Len,
    Replies,
    Missing,
}

/// Returns what a word stands for; an undefined reference is the empty text.
pub fn resolve(word: impl AsRef<str>, scope: &dyn Scope) -> Resolved {
    let word = word.as_ref();
    if !needs_work(word) {
        return Resolved::Text(word.to_owned());
    }
    if let Some((key, suffix)) = split_suffix(word) {
        return apply(suffix, lookup(key, scope));
    }
    if let Some((key, from, to)) = split_slice(word) {
        return Resolved::Text(slice(&lookup(key, scope), from, to));
    }
    Resolved::Text(lookup(strip_bad_slice(word), scope))
}

/// Tells whether a word can be anything else than itself.
fn needs_work(word: &str) -> bool {
    word.starts_with(['!', '$', '\\']) || word.ends_with(']') || word.contains('.')
}

fn split_suffix(word: &str) -> Option<(&str, Suffix)> {
    SUFFIXES
        .iter()
        .find_map(|(text, suffix)| word.strip_suffix(text).filter(|key| !key.is_empty()).map(|key| (key, *suffix)))
}

/// Splits `!name[from:to]`; only references to names of two or more characters have slices.
fn split_slice(word: &str) -> Option<(&str, Option<i64>, Option<i64>)> {
    let (key, range) = slice_parts(word)?;
    let (from, to) = range.split_once(':')?;
    Some((key, bound(from)?, bound(to)?.filter(|to| *to != 0)))
}

/// Returns the name without a slice whose bounds are no numbers: such a slice is the whole text.
fn strip_bad_slice(word: &str) -> &str {
    slice_parts(word).filter(|(_, range)| range.contains(':')).map_or(word, |(key, _)| key)
}

fn slice_parts(word: &str) -> Option<(&str, &str)> {
    let (key, range) = word.strip_suffix(']')?.split_once('[')?;
    (key.len() > 2 && key.starts_with(['!', '$'])).then_some((key, range))
}

/// Reads one bound of a slice: nothing, or an integer.
fn bound(text: &str) -> Option<Option<i64>> {
    if text.is_empty() { Some(None) } else { text.trim().parse().ok().map(Some) }
}

/// Cuts a text by characters; negative positions count from the end.
fn slice(text: &str, from: Option<i64>, to: Option<i64>) -> String {
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let place = |at: i64| if at < 0 { (length.saturating_add(at)).max(0) } else { at.min(length) };
    let (from, to) = (from.map_or(0, place), to.map_or(length, place));
    let skip = usize::try_from(from).unwrap_or_default();
    let take = usize::try_from(to.saturating_sub(from)).unwrap_or_default();
    text.chars().skip(skip).take(take).collect()
}

/// Returns the text behind a name without suffix.
fn lookup(key: &str, scope: &dyn Scope) -> String {
    if let Some(name) = key.strip_prefix('!') {
        let value = scope.variable(name).unwrap_or_default();
        return match value.is_empty() {
            false => value,
            true if name.starts_with('!') => name.to_owned(),
            true => path(key, scope),
        };
    }
    if let Some(name) = key.strip_prefix('$') {
        let value = scope.environment(name).filter(|value| !value.is_empty()).unwrap_or_else(|| path(key, scope));
        let again = !scope.binds() && value.len() > 1 && value.starts_with('!');
        return if again { resolve(&value, scope).into_text() } else { value };
    }
    match key.strip_prefix("\\\"!").and_then(|rest| rest.strip_suffix("\\\"")).filter(|name| !name.is_empty()) {
        Some(name) => format!("\"{}\"", scope.variable(name).unwrap_or_default()),
        None => key.to_owned(),
    }
}

/// Replaces the references inside `!dir/name.ext`; empty when one of them is undefined.
fn path(text: &str, scope: &dyn Scope) -> String {
    let text = text.replace('\\', "/");
    let mut result = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let first = rest.chars().next().map_or(1, char::len_utf8);
        let end =
            rest.get(first..).and_then(|tail| tail.find(['!', '$', '/', '.'])).map_or(rest.len(), |at| at + first);
        let (part, tail) = rest.split_at(end);
        let value = match (part.strip_prefix('!'), part.strip_prefix('$')) {
            (Some(name), _) => scope.variable(name).unwrap_or_default(),
            (_, Some(name)) => scope.environment(name).unwrap_or_default(),
            _ => part.to_owned(),
        };
        if value.is_empty() {
            return String::new();
        }
        result.push_str(&value);
        rest = tail;
    }
    result
}

fn apply(suffix: Suffix, text: String) -> Resolved {
    match suffix {
        Suffix::Str => Resolved::Text(text),
        Suffix::Int => text.trim().parse().map_or_else(|_| Resolved::Text(String::new()), Resolved::Int),
        Suffix::Float => text.trim().parse().map_or_else(|_| Resolved::Text(String::new()), Resolved::Float),
        Suffix::Bool => Resolved::Bool(!text.is_empty() && text != "false"),
        Suffix::Name => Resolved::Text(text.replace(' ', "_").to_lowercase()),
        Suffix::Len => Resolved::Int(count(entries(&text).map_or_else(|| text.chars().count(), |all| all.len()))),
        Suffix::Replies => Resolved::Int(count(answered(&text, true))),
        Suffix::Missing => Resolved::Int(count(answered(&text, false))),
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Returns the answer of each entry of a JSON list or object that is given as text.
fn entries(text: &str) -> Option<Vec<Value>> {
    if text.len() <= 2 || !text.starts_with(['[', '{']) {
        return None;
    }
    match serde_json::from_str(text).ok()? {
        Value::Array(list) => {
            Some(list.into_iter().map(|entry| entry.get(1).cloned().unwrap_or(Value::Null)).collect())
        }
        Value::Object(map) => Some(map.into_iter().map(|(_, value)| value).collect()),
        _ => None,
    }
    .filter(|all: &Vec<Value>| !all.is_empty())
}

/// Counts the entries of a collection of replies that have a value, or that have none.
fn answered(text: &str, with_value: bool) -> usize {
    let is_reply = |value: &Value| !matches!(value, Value::Null | Value::Bool(false)) && value.as_str() != Some("");
    entries(text).map_or(0, |all| all.iter().filter(|value| is_reply(value) == with_value).count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    struct Fixed(HashMap<&'static str, &'static str>);

    impl Scope for Fixed {
        fn variable(&self, name: &str) -> Option<String> {
            self.0.get(name).map(|text| (*text).to_owned())
        }
        fn environment(&self, name: &str) -> Option<String> {
            self.0.get(format!("${name}").as_str()).map(|text| (*text).to_owned())
        }
    }

    fn scope() -> Fixed {
        Fixed(HashMap::from([
            ("b", "5"),
            ("d", "/opt"),
            ("c", "x"),
            ("company", "New Company"),
            ("list", "[[\"n1\",\"up\"],[\"n2\",\"\"]]"),
            ("$P", "/data"),
            ("$IND", "!c"),
        ]))
    }

    #[test]
    fn references_resolve() {
        let scope = scope();
        for (word, value) in [
            ("!b", "5"),
            ("!nosuch", ""),
            ("!!nosuch", "!nosuch"),
            ("$P", "/data"),
            ("$P/x.al", "/data/x.al"),
            ("$IND", "x"),
            ("!d/x/y.al", "/opt/x/y.al"),
            ("!d/!c", "/opt/x"),
            ("!nosuch/x", ""),
            ("!company.name", "new_company"),
            ("!company[0:3]", "New"),
            ("!company[4:]", "Company"),
            ("!company[x:2]", "New Company"),
            ("!company[1]", ""),
            ("!company[-3:]", "any"),
            ("\\\"!c\\\"", "\"x\""),
            ("word", "word"),
            ("a.b", "a.b"),
        ] {
            assert_eq!(resolve(word, &scope), Resolved::Text(value.to_owned()), "{word}");
        }
    }

    #[test]
    fn suffixes_give_types() {
        let scope = scope();
        assert_eq!(resolve("!b.int", &scope), Resolved::Int(5));
        assert_eq!(resolve("!c.int", &scope), Resolved::Text(String::new()));
        assert_eq!(resolve("!b.float", &scope), Resolved::Float(5.0));
        assert_eq!(resolve("!b.bool", &scope), Resolved::Bool(true));
        assert_eq!(resolve("!nosuch.bool", &scope), Resolved::Bool(false));
        assert_eq!(resolve("!company.len", &scope), Resolved::Int(11));
        assert_eq!(resolve("!list.len", &scope), Resolved::Int(2));
        assert_eq!(resolve("!list.replies", &scope), Resolved::Int(1));
        assert_eq!(resolve("!list.diff", &scope), Resolved::Int(1));
        assert_eq!(resolve("9.int", &scope), Resolved::Int(9));
    }
}
