//! References inside JSON text: `{"port": !port.int, "name": !node_name}` (reference/ledger 1.5, reference/command-language 8.2).

use super::{Resolved, Scope, resolve};
use serde_json::Value;

/// Replaces the references outside of quotes: texts become JSON strings, typed ones numbers and booleans, objects and
/// lists stay as they are, unless the scope binds its values. An undefined reference stays where it is.
#[must_use]
pub fn fill(text: &str, scope: &dyn Scope) -> String {
    let mut filled = String::with_capacity(text.len());
    scan(text, |piece| match piece {
        Piece::Reference(word) => filled.push_str(&value_of(word, scope)),
        Piece::Text(character) => filled.push(character),
    });
    filled
}

/// Returns the first reference that still stands in a filled text: it is not defined.
#[must_use]
pub fn unfilled(text: &str) -> Option<&str> {
    let mut first = None;
    scan(text, |piece| {
        if let Piece::Reference(word) = piece {
            first.get_or_insert(word);
        }
    });
    first
}

/// What JSON text with references is made of.
enum Piece<'a> {
    /// A character that stays.
    Text(char),
    /// `!name` with its suffix.
    Reference(&'a str),
}

/// Reads a text from its beginning to its end.
fn scan<'a>(text: &'a str, mut take: impl FnMut(Piece<'a>)) {
    let mut quote = None;
    let mut before = ' ';
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let after = rest.get(character.len_utf8()..).unwrap_or_default();
        if quote.is_none() && character == '!' && (before == ' ' || ":[{,\t\n".contains(before)) {
            let end = rest.find([' ', ',', '}', ']', '\n', '\t', '\r']).unwrap_or(rest.len());
            let (word, tail) = rest.split_at(end);
            take(Piece::Reference(word));
            (before, rest) = (' ', tail);
            continue;
        }
        let escaped = quote.is_some() && before == '\\';
        match quote {
            Some(open) if open == character && !escaped => quote = None,
            None if matches!(character, '"' | '\'' | '|') => quote = Some(character),
            _ => {}
        }
        before = if escaped { ' ' } else { character };
        take(Piece::Text(character));
        rest = after;
    }
}

/// Returns the JSON text of a reference; the word itself when it is not defined.
fn value_of(word: &str, scope: &dyn Scope) -> String {
    let value = resolve(word, scope);
    match value {
        empty if empty.is_empty() => word.to_owned(),
        Resolved::Text(text) if !scope.binds() && text.starts_with(['{', '[']) => text,
        typed => match typed.into_value() {
            Value::Null => "null".to_owned(),
            value => value.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;

    impl Scope for Fixed {
        fn variable(&self, name: &str) -> Option<String> {
            let value = match name {
                "b" => "5",
                "c" => "x \"y\"",
                "list" => "[1,2]",
                "t" => "true",
                _ => return None,
            };
            Some(value.to_owned())
        }
        fn environment(&self, _name: &str) -> Option<String> {
            None
        }
    }

    #[test]
    fn references_outside_of_quotes_are_filled() {
        let cases = [
            (r#"{"a" : !b}"#, r#"{"a" : "5"}"#),
            (r#"{"a":!b.int,"f":!b.float,"t":!t.bool}"#, r#"{"a":5,"f":5.0,"t":true}"#),
            (r#"{"a":[!b, !c]}"#, r#"{"a":["5", "x \"y\""]}"#),
            (r#"{"a":!list}"#, r#"{"a":[1,2]}"#),
            (r#"{"a":!nosuch}"#, r#"{"a":!nosuch}"#),
            (r#"{"a":"!b","c":"x \" !b"}"#, r#"{"a":"!b","c":"x \" !b"}"#),
            ("{'a':'!b'}", "{'a':'!b'}"),
            (r#"{"a":"hello!","b":"São | it's !b"}"#, r#"{"a":"hello!","b":"São | it's !b"}"#),
            ("!list", "[1,2]"),
        ];
        for (text, expected) in cases {
            assert_eq!(fill(text, &Fixed), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_defined_is_named() {
        assert_eq!(unfilled(&fill(r#"{"a" : !b, "c": !nosuch.int, "d": !other}"#, &Fixed)), Some("!nosuch.int"));
        assert_eq!(unfilled(&fill(r#"{"a" : !b, "c": "!nosuch"}"#, &Fixed)), None);
        assert_eq!(unfilled("!nosuch"), Some("!nosuch"));
    }

    proptest::proptest! {
        #[test]
        fn text_without_references_stays(text in "[^!]{0,40}") {
            proptest::prop_assert_eq!(fill(&text, &Fixed), text);
        }
    }
}
