//! Arbitrary bytes as the local copy of another node: reading it never panics and always ends.
#![no_main]

use anylog_master::ledger::source::{file::read_stream, policies::SourcePolicies};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(source) = read_stream("fuzz", bytes) else { return };
    let count = source.rows.len();
    let found = SourcePolicies::read(source.rows, "2026-01-01T00:00:00.000000Z");
    assert!(found.rows.len() + found.set_aside.len() + found.repeated + found.deleted <= 2 * count);
});
