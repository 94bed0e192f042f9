//! Arbitrary words behind `where`: reading lists of every type never panics.
#![no_main]

use anylog_script::{Key, Scope, pairs, where_list, words};
use libfuzzer_sys::fuzz_target;

struct Nothing;

impl Scope for Nothing {
    fn variable(&self, name: &str) -> Option<String> {
        Some(name.to_owned())
    }

    fn environment(&self, _name: &str) -> Option<String> {
        None
    }
}

const KEYS: &[Key] = &[
    Key::text("a").many(),
    Key::int("b"),
    Key::float("c"),
    Key::bool("d"),
    Key::time("e"),
    Key::storage("f"),
    Key::address("g"),
    Key::format("h"),
    Key::nested("i"),
];

fuzz_target!(|text: &str| {
    let Ok(words) = words(text) else { return };
    let _ = pairs(&words, &Nothing);
    let _ = where_list(&words, &Nothing, KEYS);
});
