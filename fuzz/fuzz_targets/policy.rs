//! Arbitrary text as a policy: reading never panics, and what is read is written and read again as the same.
#![no_main]

use anylog_policy::{Policy, id};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(mut policy) = Policy::parse(text) else { return };
    if policy.prepare("2026-01-01T00:00:00.000000Z").is_err() {
        return;
    }
    let stored = policy.stored_text();
    let again = Policy::parse(&stored).expect("a stored text is a policy");
    assert_eq!(again.stored_text(), stored);
    assert_eq!(id::of(&again), id::of(&policy));
});
