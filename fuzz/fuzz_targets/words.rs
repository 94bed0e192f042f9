//! Arbitrary text as a command: cutting, resolving and filling never panic and always end.
#![no_main]

use anylog_script::{Form, Scope, evaluate, fill, first_command, joined, rejoined, resolve, value};
use libfuzzer_sys::fuzz_target;

struct Echo;

impl Scope for Echo {
    fn variable(&self, name: &str) -> Option<String> {
        (!name.is_empty()).then(|| name.chars().rev().collect())
    }

    fn environment(&self, name: &str) -> Option<String> {
        Some(format!("!{name}"))
    }
}

fuzz_target!(|text: &str| {
    let _ = fill(text, &Echo);
    let Ok((words, _)) = first_command(text) else { return };
    for word in &words {
        let _ = resolve(word, &Echo).into_text();
    }
    let _ = (joined(&words), rejoined(&words), Form::of(&words));
    let _ = (value(&words, &Echo), evaluate(&words, &Echo));
});
