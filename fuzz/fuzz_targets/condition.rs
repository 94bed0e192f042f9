//! Arbitrary words behind `if`: parsing and evaluating never panic and always end.
#![no_main]

use anylog_script::{Condition, Scope, words};
use libfuzzer_sys::fuzz_target;

struct Numbers;

impl Scope for Numbers {
    fn variable(&self, name: &str) -> Option<String> {
        Some(name.len().to_string())
    }

    fn environment(&self, _name: &str) -> Option<String> {
        None
    }
}

fuzz_target!(|text: &str| {
    let Ok(words) = words(text) else { return };
    if let Ok(condition) = Condition::parse(&words, &words) {
        let _ = condition.evaluate(&Numbers);
    }
});
