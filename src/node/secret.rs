//! Secrets: which names hold one, and texts without them.

use crate::config::{without_passwords, without_url_keys};
use std::{borrow::Cow, collections::HashSet, ops::Range};

/// What is shown instead of a secret.
pub const MASK: &str = "********";

/// How the names of private keys end.
const PRIVATE_KEY: &str = "private_key";

/// Hexadecimal digits of a private key.
const RAW_KEY: usize = 64;

/// Shortest value of a secret that is looked for in what answers its line; a shorter one is part of any word.
const SHORTEST: usize = 4;

/// Secrets of one line that are looked for one by one in what answers it. Nobody types more; of a line with more nothing is
/// repeated.
const MOST_TYPED: usize = 64;

/// What stands in place of a secret that the prompt asks for.
pub const ASKED: &str = "?";

/// The address of the database, which has its password in it.
const DATABASE_URL: &str = "db_url";

/// The address of a chain, which may have the key of a customer in its path.
const PROVIDER: &str = "provider";
/// The command to which people type it: no URL in its line is shown with a key.
const CONNECT: &str = "blockchain connect";

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

/// Tells whether the URL of a chain's provider stands under this name. Scripts take it from the environment (`provider = $PROVIDER`)
/// and hand it to the command that connects.
#[must_use]
pub fn is_provider(name: &str) -> bool {
    name.eq_ignore_ascii_case(PROVIDER)
}

/// Returns a value as it is shown when its name keeps it closed, else as it is.
#[must_use]
pub fn closed(name: &str, value: &str) -> String {
    match is_kept_closed(name) && !value.is_empty() {
        true => MASK.to_owned(),
        false if is_provider(name) => without_url_keys(value).into_owned(),
        false => value.to_owned(),
    }
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

/// Returns the value without the passwords of URLs in it and without the key of a provider, or the mask when the name is one of a
/// secret and the value is not empty.
#[must_use]
pub fn value_or_mask<'a>(name: &str, value: &'a str) -> Cow<'a, str> {
    if is_secret(name) && !value.is_empty() { MASK.into() } else { without_logins(name, value) }
}

/// Returns the value of a variable without the passwords of URLs in it and without the key of a provider.
#[must_use]
pub fn without_logins<'a>(name: &str, value: &'a str) -> Cow<'a, str> {
    if is_provider(name) { without_url_keys(value) } else { without_passwords(value) }
}

/// Returns the text of a command with the values of `password = …`, `"token": "…"` and the like masked, the passwords of URLs, and
/// the keys of providers.
///
/// References (`!db_passwd`, `$DB_PASSWD`) stay: they name a secret without telling it. So does [`ASKED`].
#[must_use]
pub fn masked(text: &str) -> Cow<'_, str> {
    let lower = text.to_ascii_lowercase();
    if (lower.contains(CONNECT) || names_provider(&lower))
        && let Cow::Owned(shown) = without_url_keys(text)
    {
        return masked(&shown).into_owned().into();
    }
    if let Some(shown) = without_keys(text) {
        return masked_values(&shown).into_owned().into();
    }
    masked_values(text)
}

/// Tells whether a text in lower case gives a provider its URL, in whatever command: a script keeps it in a variable, and whoever
/// mistypes the command that connects has typed it all the same.
fn names_provider(lower: &str) -> bool {
    lower.match_indices(PROVIDER).any(|(at, name)| {
        let before = lower.get(..at).unwrap_or_default();
        let behind = lower.get(at + name.len()..).unwrap_or_default();
        let behind = behind.trim_start_matches(['"', '\'', ']']).trim_start();
        // A line may have very many of these names: only behind a sign is anything read, and no more of a value than its scheme.
        if before.ends_with(is_of_name) || !behind.starts_with(['=', ':']) {
            return false;
        }
        let value =
            behind.trim_start_matches(|sign: char| sign.is_whitespace() || matches!(sign, '=' | ':' | '"' | '\''));
        let rest =
            value.trim_start_matches(|sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '+' | '-' | '.'));
        rest.starts_with("://")
    })
}

/// Tells whether a sign may be part of the name of a value.
fn is_of_name(sign: char) -> bool {
    sign.is_alphanumeric() || matches!(sign, '_' | '-')
}

/// Returns the text with the private keys of chains masked, in one go: a text may hold very many. Nothing when it has none.
fn without_keys(text: &str) -> Option<String> {
    let first = raw_keys(text).next()?;
    if is_about_keys(text, &first) { masked_at(text, raw_keys(text)) } else { None }
}

/// Returns the text with a mask in some places, which do not overlap and come in their order; nothing when there are none.
fn masked_at(text: &str, places: impl Iterator<Item = Range<usize>>) -> Option<String> {
    let (mut out, mut from) = (String::with_capacity(text.len()), 0);
    for place in places {
        out.push_str(text.get(from..place.start).unwrap_or_default());
        out.push_str(MASK);
        from = place.end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    Some(out).filter(|_| from > 0)
}

/// Masks the values of `password = …` and the like, and the passwords of URLs.
fn masked_values(text: &str) -> Cow<'_, str> {
    if !names_value(text) {
        return without_passwords(text);
    }
    let Some(out) = masked_at(text, named_values(text).into_iter()) else { return without_passwords(text) };
    match without_passwords(&out) {
        Cow::Owned(shown) => shown.into(),
        Cow::Borrowed(_) => out.into(),
    }
}

/// Returns what answers a line without the secrets that somebody typed into the line: the values that [`masked`] hides, and
/// every word that has the form of the private key of a chain. The answer is not masked as a whole, because it may say how a
/// command is written (`password = …`).
#[must_use]
pub fn unrepeated<'a>(answer: &'a str, line: &str) -> Cow<'a, str> {
    let named = named_values(line).into_iter().filter_map(|range| line.get(range));
    let named = named.map(|value| value.trim_matches(['"', '\''])).filter(|value| value.len() >= SHORTEST);
    let (named, keys) = (longest_first(named), longest_first(raw_keys(line).filter_map(|range| line.get(range))));
    if named.len() > MOST_TYPED {
        return MASK.into();
    }
    let many_keys = keys.len() > MOST_TYPED;
    let mut shown = Cow::Borrowed(answer);
    for secret in named.into_iter().chain(if many_keys { Vec::new() } else { keys }) {
        if shown.contains(secret) {
            shown = shown.replace(secret, MASK).into();
        }
    }
    // Of many, as the hashes of a policy are, each word of the answer that has the form of one is taken for one.
    let masked = if many_keys { masked_at(&shown, raw_keys(&shown)) } else { None };
    masked.map_or(shown, Cow::Owned)
}

/// Returns each text once, those that may have others in them first.
fn longest_first<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut texts: Vec<&str> = texts.collect::<HashSet<_>>().into_iter().collect();
    texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
    texts
}

/// Tells whether a text may hold a secret; most hold none.
#[must_use]
pub fn mentions_secret(text: &str) -> bool {
    names_value(text) || text.contains("://") || raw_keys(text).next().is_some_and(|key| is_about_keys(text, &key))
}

/// Returns where the values of secrets stand in a text, without references and what is asked for.
fn named_values(text: &str) -> Vec<Range<usize>> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(rest) = text.get(at..)
        && let Some(sign) = rest.find(['=', ':'])
    {
        let (before, after) = rest.split_at(sign + 1);
        at += before.len();
        if !names_secret(before) {
            continue;
        }
        // Who types a sign twice has typed the secret behind both.
        let value = after.trim_start_matches(|sign: char| sign.is_whitespace() || matches!(sign, '=' | ':'));
        let start = at + after.len() - value.len();
        let value = text.get(start..).unwrap_or_default();
        let value = value.get(..value_length(value)).unwrap_or_default();
        at = start + value.len();
        if !value.is_empty() && value != ASKED && !value.starts_with(['!', '$']) {
            found.push(start..at);
        }
    }
    found
}

/// Returns where words stand that have the form of the private key of a chain.
fn raw_keys(text: &str) -> impl Iterator<Item = Range<usize>> {
    let is_sign = |sign: char| !sign.is_ascii_alphanumeric();
    let pieces = if text.len() < RAW_KEY { "" } else { text }.split_inclusive(is_sign);
    let words = pieces.scan(0, move |at, piece| {
        let start = std::mem::replace(at, *at + piece.len());
        Some((start, piece.trim_end_matches(is_sign)))
    });
    words.filter_map(|(start, word)| {
        let digits = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")).unwrap_or(word);
        let is_key = digits.len() == RAW_KEY && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        is_key.then_some(start..start + word.len())
    })
}

/// Tells whether the text around a word with the form of a key speaks of keys and accounts, or there is none: whoever mistypes the
/// words around a key, or types it where commands belong, does not want to see it again. Hashes have the same form.
fn is_about_keys(text: &str, key: &Range<usize>) -> bool {
    let lower = text.to_ascii_lowercase();
    text.trim().len() == key.len() || ["key", "account", CONNECT].iter().any(|word| lower.contains(word))
}

/// Tells whether a text has a value whose name may be one of a secret.
fn names_value(text: &str) -> bool {
    let is_sign = |byte: u8| matches!(byte, b'=' | b':');
    // Of signs one behind the other the first tells what stands before all of them; a line may be nothing but signs.
    let signs = text.bytes().enumerate().scan(false, |follows, (at, byte)| {
        let follows = std::mem::replace(follows, is_sign(byte));
        Some((is_sign(byte) && !follows).then_some(at))
    });
    signs.flatten().any(|at| text.get(..=at).is_some_and(names_secret))
}

/// Tells whether the word before the sign is the name of a secret; stricter than [`is_secret`], as commands
/// have options such as `keys`.
fn names_secret(before: &str) -> bool {
    let before = before.trim_end_matches(['=', ':']).trim_end();
    let name = before.trim_end_matches(['"', '\'', ']']);
    let from = name.rfind(|sign: char| !is_of_name(sign)).map_or(0, |at| at + 1);
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
    fn a_mistyped_command_does_not_show_a_key() {
        let key = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
        for text in ["blockchain set acount info where private_key K", "privat_key = 0xK", "private_key = K K", "key:K"]
        {
            let shown = masked(&text.replace('K', key)).into_owned();
            assert!(!shown.contains(key) && shown.contains(MASK), "{shown}");
        }
        assert_eq!(masked(key), MASK, "a key that was typed where commands belong");
        let hash = format!("print {key}");
        assert_eq!(masked(&hash), hash, "a number of that length in a text without keys");
    }

    #[test]
    fn a_line_of_keys_and_one_of_signs_cost_as_much_as_any_other_of_their_length() {
        let key = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
        // Key by key, each with a copy of the line, this took gigabytes and a deep stack; sign by sign, many minutes.
        let keys = format!("keys {}", format!("{key} ").repeat(20_000));
        assert_eq!(masked(&keys), format!("keys {}", format!("{MASK} ").repeat(20_000)));
        let signs = "=:".repeat(500_000);
        assert_eq!(masked(&signs), signs);
        assert!(!mentions_secret(&signs));
        for names in ["provider", "provider=", ".provider:", "provider\""] {
            let names = names.repeat(100_000);
            assert_eq!(masked(&names), names);
        }
        assert_eq!(masked("a == b and password == x1 y"), "a == b and password == ******** y");
    }

    #[test]
    fn what_answers_a_line_repeats_no_secret_of_it() {
        let key = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
        for line in ["blockchain set acount info where prviate_ky = 0xK", "K", "x private_key = K", "a = K and b = K"] {
            let line = line.replace('K', key);
            let shown = unrepeated(&format!("'{line}' is no command: write password = …"), &line).into_owned();
            assert!(!shown.contains(key) && shown.ends_with("write password = …"), "{shown}");
        }
        let line = "set acount where private_key = short-one and password = \"a b c\" and token = !t";
        assert_eq!(unrepeated("short-one, a b c, !t", line), "********, ********, !t");
        assert_eq!(unrepeated("password = …", "connect where password = ab"), "password = …");
        let line = |length: usize, word: fn(usize) -> String| (0..length).map(word).collect::<Vec<_>>().concat();
        let many = line(100_000, |number| format!("password = secret{number} "));
        assert_eq!(unrepeated(&many, &many), MASK, "each of them would be looked for in all of it");
        let hashes = line(1000, |number| format!("{number:064x} "));
        assert_eq!(unrepeated(&hashes, &hashes), format!("{MASK} ").repeat(1000));
        assert_eq!(unrepeated("too long", &hashes), "too long");
    }

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
    fn the_key_of_a_provider_is_shown_nowhere() {
        let (url, shown) = ("https://host/v3/0123456789abcdef0123456789abcdef", "https://host/v3/********");
        for name in ["provider", "PROVIDER"] {
            assert_eq!(value_or_mask(name, url), shown);
        }
        assert_eq!(value_or_mask("provider", "acme"), "acme");
        let text = |url: &str| format!("blockchain connect to optimism where provider = {url} and token = abc");
        assert_eq!(masked(&text(url)), text(shown).replace("abc", MASK));
        for line in [
            "provider = U",
            "set Provider=\"U\"",
            "blockchain conect to optimism where provider = U and x = 1",
            "{\"provider\" : \"U\"}",
            "provider == U",
        ] {
            let line_shown = masked(&line.replace('U', url)).into_owned();
            assert!(
                !line_shown.contains("0123456789abcdef") && line_shown.contains("https://host/v3/"),
                "{line_shown}"
            );
        }
        for other in
            ["rest get where url = U", "provider_url = U", "get provider where url = U", "provider = acme and url = U"]
        {
            let other = other.replace('U', url);
            assert_eq!(masked(&other), other);
        }
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
            ("private_key = ? and password=?", "private_key = ? and password=?"),
            ("time: 5, a = b", "time: 5, a = b"),
            ("set policy p [my_secret] = 'x'", "set policy p [my_secret] = ********"),
        ] {
            assert_eq!(masked(text), expected);
        }
    }
}
