//! Conditions of lists: `KEY.PATH=VALUE`. A backslash takes the sign behind it as it is, so that every key can be named: `\.` and
//! `\=` are signs of a key, `\\` is a backslash.

use crate::command::ledger::documents::PathCondition;

/// Reads a condition; nothing for a text without a path and an equals sign behind it.
#[must_use]
pub fn read(text: &str) -> Option<PathCondition> {
    let (path, value) = keys(text, true)?;
    Some(PathCondition { path, value: value.to_owned() })
}

/// Writes a condition whose path and value come apart, as the name and the value of a parameter; an equals sign in the name
/// belongs to a key. Nothing for a path that ends in the middle of an escape.
#[must_use]
pub fn of_parts(path: &str, value: &str) -> Option<String> {
    let (keys, _) = keys(path, false)?;
    Some(format!("{}={value}", written(&keys)))
}

/// Cuts a text into the keys of its path, up to an equals sign or to its end, and what stands behind.
fn keys(text: &str, is_ended: bool) -> Option<(Vec<String>, &str)> {
    let (mut keys, mut key) = (Vec::new(), String::new());
    let mut signs = text.char_indices();
    while let Some((at, sign)) = signs.next() {
        match sign {
            '\\' => key.push(signs.next()?.1),
            '.' => keys.push(std::mem::take(&mut key)),
            '=' if is_ended => {
                keys.push(key);
                return Some((keys, text.get(at + 1..)?));
            }
            sign => key.push(sign),
        }
    }
    if is_ended {
        return None;
    }
    keys.push(key);
    Some((keys, ""))
}

fn written(keys: &[String]) -> String {
    let mut text = String::new();
    for (place, key) in keys.iter().enumerate() {
        if place > 0 {
            text.push('.');
        }
        for sign in key.chars() {
            if matches!(sign, '\\' | '.' | '=') {
                text.push('\\');
            }
            text.push(sign);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_key_can_be_named(path in prop::collection::vec(".*", 1..4), value in ".*") {
            let text = format!("{}={value}", written(&path));
            prop_assert_eq!(read(&text), Some(PathCondition { path, value }));
        }

        #[test]
        fn path_and_value_may_come_apart(path in prop::collection::vec(".*", 1..4), value in ".*") {
            let text = of_parts(&written(&path), &value).unwrap();
            prop_assert_eq!(read(&text), Some(PathCondition { path, value }));
        }

        #[test]
        fn no_text_breaks_the_reader(text in r"[a\\.=]{0,12}") {
            let _ = (read(&text), of_parts(&text, "x"));
        }
    }

    #[test]
    fn a_backslash_takes_the_sign_behind_it() {
        let read = |text: &str| read(text).map(|condition| (condition.path.join("|"), condition.value));
        let found = |path: &str, value: &str| Some((path.to_owned(), value.to_owned()));
        assert_eq!(read("a.b=c=d"), found("a|b", "c=d"));
        assert_eq!(read(r"a\.b\=c\\.d=e\"), found(r"a.b=c\|d", r"e\"));
        assert_eq!(read("=x"), found("", "x"), "an empty key is a key");
        assert_eq!(read("a..b="), found("a||b", ""));
        for wrong in ["", "a", r"a\=b", r"a\", "a.b"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(of_parts("a=b.c", "d").as_deref(), Some(r"a\=b.c=d"));
        assert_eq!(of_parts(r"a\", "d"), None);
    }
}
