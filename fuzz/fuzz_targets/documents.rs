//! Arbitrary bytes as bodies, parameters, cursors and conditions of `/v1`: reading never panics, and policies are those that
//! commands read.
#![no_main]

use anylog_master::api::fuzzed::{body, condition, query};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    body(data);
    condition(data);
    if let Ok(text) = std::str::from_utf8(data) {
        query(text);
    }
});
