//! Arbitrary bytes as the answer of a provider: reading it never panics, and never makes more of it than it is.
#![no_main]

use anylog_master::chain::fuzzed::answer;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| answer(bytes));
