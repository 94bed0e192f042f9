//! Secrets: which names hold one, and texts without them.

use crate::config::without_passwords;
use std::borrow::Cow;

/// What is shown instead of a secret.
pub const MASK: &str = "********";

/// How the names of private keys end.
const PRIVATE_KEY: &str = "private_key";

/// The address of the database, which has its password in it.
const DATABASE_URL: &str = "db_url";

/// Tells whether a variable of this name may hold a secret: `db_url`, and names with `key`, `passw`, `secret` or `token` in them;
/// the word `key` alone is the name of anything.
#[must_use]
pub fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    name == DATABASE_URL
        || (name != "key" && ["key", "passw", "secret", "token"].iter().any(|part| name.contains(part)))
}

/// Tells whether the node keeps what stands under this name closed: `db_url`, names with `passw`, `secret` or `token` in them, and
/// private keys. It is narrower than [`is_secret`], because scripts keep much under names with `key`.
#[must_use]
pub fn is_kept_closed(name: &str) -> bool {
    let name = name.to_lowercase();
    let has_part = ["passw", "secret", "token"].iter().any(|part| name.contains(part));
    name == DATABASE_URL || has_part || name.ends_with(PRIVATE_KEY)
}

/// How the login ends that every node begins with; it opens nothing.
const FIRST_LOGIN: &str = "@127.0.0.1:demo";

/// Tells whether the value is a login of the old form `user@address:password` under the name of the user.
#[must_use]
pub fn holds_login(name: &str, value: &str) -> bool {
    name.eq_ignore_ascii_case("db_user")
        && !value.ends_with(FIRST_LOGIN)
        && value.split_once('@').is_some_and(|(_, rest)| rest.contains(':'))
}

/// Returns the value without the passwords of URLs in it, or the mask when the name is one of a secret and the value is not
/// empty.
#[must_use]
pub fn value_or_mask<'a>(name: &str, value: &'a str) -> Cow<'a, str> {
    if is_secret(name) && !value.is_empty() { MASK.into() } else { without_passwords(value) }
}

/// Returns the text of a command with the values of `password = …`, `"token": "…"` and the like masked, and the passwords of
/// URLs.
///
/// References (`!db_passwd`, `$DB_PASSWD`) stay: they name a secret without telling it.
#[must_use]
pub fn masked(text: &str) -> Cow<'_, str> {
    if !names_value(text) {
        return without_passwords(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['=', ':']) {
        let (before, after) = rest.split_at(at + 1);
        out.push_str(before);
        rest = after;
        if !names_secret(before) {
            continue;
        }
        let value_at = rest.len() - rest.trim_start().len();
        let (blanks, value) = rest.split_at(value_at);
        let length = value_length(value);
        out.push_str(blanks);
        out.push_str(if length == 0 || value.starts_with(['!', '$']) {
            value.get(..length).unwrap_or_default()
        } else {
            MASK
        });
        rest = value.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    match without_passwords(&out) {
        Cow::Owned(shown) => shown.into(),
        Cow::Borrowed(_) => out.into(),
    }
}

/// Tells whether a text may hold a secret; most hold none.
#[must_use]
pub fn mentions_secret(text: &str) -> bool {
    names_value(text) || text.contains("://")
}

/// Tells whether a text has a value whose name may be one of a secret.
fn names_value(text: &str) -> bool {
    let mut signs = text.bytes().enumerate().filter(|(_, byte)| matches!(byte, b'=' | b':'));
    signs.any(|(at, _)| text.get(..=at).is_some_and(names_secret))
}

/// Tells whether the word before the sign is the name of a secret; stricter than [`is_secret`], as commands
/// have options such as `keys`.
fn names_secret(before: &str) -> bool {
    let before = before.trim_end_matches(['=', ':']).trim_end();
    let name = before.trim_end_matches(['"', '\'', ']']);
    let from = name.rfind(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).map_or(0, |at| at + 1);
    let name = name.get(from..).unwrap_or_default();
    let has =
        |part: &&str| name.as_bytes().windows(part.len()).any(|piece| piece.eq_ignore_ascii_case(part.as_bytes()));
    let end = name.get(name.len().saturating_sub(PRIVATE_KEY.len())..).unwrap_or_default();
    ["passw", "secret", "token"].iter().any(has) || end.eq_ignore_ascii_case(PRIVATE_KEY)
}

/// Length of the value in bytes: up to the closing quote, or up to a blank or bracket.
fn value_length(value: &str) -> usize {
    let mut characters = value.char_indices();
    match characters.next() {
        Some((_, quote @ ('"' | '\''))) => {
            characters.find(|(_, c)| *c == quote).map_or(value.len(), |(at, c)| at + c.len_utf8())
        }
        Some(_) => value.find([' ', ',', '}', ']', ')', '>', '\n', '\r']).unwrap_or(value.len()),
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_secrets() {
        for name in ["db_passwd", "blockchain_private_key", "API_TOKEN", "client_secret"] {
            assert!(is_secret(name), "{name}");
            assert_eq!(value_or_mask(name, "x"), MASK);
        }
        assert_eq!(value_or_mask("node_name", "x"), "x");
        assert_eq!(value_or_mask("database_url", "postgres://u:p@h/d"), "postgres://u:********@h/d");
        assert_eq!(value_or_mask("db_passwd", ""), "");
    }

    #[test]
    fn values_of_secrets_are_masked_in_commands() {
        for (text, expected) in [
            ("connect dbms b where password = a1 and ip = x", "connect dbms b where password = ******** and ip = x"),
            ("connect dbms b where password=\"a b\" and ip = x", "connect dbms b where password=******** and ip = x"),
            ("{\"token\" : \"t0p\", \"name\" : \"n\"}", "{\"token\" : ********, \"name\" : \"n\"}"),
            ("password = !db_passwd and user = u", "password = !db_passwd and user = u"),
            ("get error log where keys = a b", "get error log where keys = a b"),
            ("rest get where url = http://u:p@h/x", "rest get where url = http://u:********@h/x"),
            ("connect http://u:p@h where token = t", "connect http://u:********@h where token = ********"),
            ("password =", "password ="),
            ("time: 5, a = b", "time: 5, a = b"),
            ("set policy p [my_secret] = 'x'", "set policy p [my_secret] = ********"),
        ] {
            assert_eq!(masked(text), expected);
        }
    }
}
