//! Keys inside of URLs: providers of chains give each customer a path of its own, `https://host/v3/KEY`.

use crate::config::without_passwords;
use std::borrow::Cow;

/// Length from which on a part of a path or a query is taken for a key.
const KEY: usize = 20;
/// What is shown instead of a key.
const MASK: &str = "********";
/// What stands between the parts of a path and a query.
const SIGNS: [char; 5] = ['/', '?', '#', '&', '='];

/// Returns a text without the passwords of the URLs in it, and without those parts of their paths and queries that are long enough
/// to be keys.
#[must_use]
pub fn without_url_keys(text: &str) -> Cow<'_, str> {
    let without_passwords = without_passwords(text);
    let shown: String = without_passwords.split_inclusive(char::is_whitespace).map(without_keys).collect();
    if shown == text { text.into() } else { shown.into() }
}

/// Returns a word without the keys of the URL in it.
fn without_keys(word: &str) -> Cow<'_, str> {
    let Some((scheme, rest)) = word.split_once("://") else { return word.into() };
    let place_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (place, path) = rest.split_at(place_end);
    let parts = path.split_inclusive(SIGNS).map(|part| {
        let name = part.trim_end().trim_end_matches(SIGNS);
        let behind = part.get(name.len()..).unwrap_or_default();
        if name.len() < KEY { part.to_owned() } else { format!("{MASK}{behind}") }
    });
    format!("{scheme}://{place}{}", parts.collect::<String>()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_parts_of_paths_and_queries_are_hidden() {
        let key = "0123456789abcdef0123456789abcdef";
        for (text, shown) in [
            ("https://host/v3/K", "https://host/v3/********"),
            ("https://u:pw@host/K/rpc?apikey=K&x=1\n", "https://u:********@host/********/rpc?apikey=********&x=1\n"),
            ("provider = http://h:8545?K and chain_id = 5", "provider = http://h:8545?******** and chain_id = 5"),
        ] {
            assert_eq!(without_url_keys(&text.replace('K', key)), shown);
        }
    }

    #[test]
    fn other_texts_stay() {
        for text in
            ["", "acme", "http://10.0.0.5:8545", "https://[::1]/rpc?x=1", "/a/long/path/0123456789abcdef0123456789"]
        {
            assert!(matches!(without_url_keys(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }
}
