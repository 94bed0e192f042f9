//! Arbitrary words behind `blockchain get`: parsing and answering never panic.
#![no_main]

use anylog_policy::Policy;
use anylog_query::{Budget, Limits, Own, Query};
use anylog_script::{NoVariables, words};
use libfuzzer_sys::fuzz_target;

/// Small enough that no input can make a query long.
const LIMITS: Limits = Limits { steps: 1_000_000, rows: 10_000, bytes: 10_000_000 };

fuzz_target!(|text: &str| {
    let Ok(words) = words(text) else { return };
    let Ok(query) = Query::parse(&words, &NoVariables) else { return };
    let lines = [
        r#"{"operator": {"name": "op1", "ip": "10.0.0.1", "port": 1, "table": [{"dbms": "d"}], "id": "op-1"}}"#,
        r#"{"anmp": {"op-1": {"ip": "1.1.1.1"}, "id": "an-1", "date": "2026-01-01"}}"#,
    ];
    let policies: Vec<Policy> = lines.iter().filter_map(|line| Policy::parse(line).ok()).collect();
    let _ = query.run(&policies, &Own::default(), &Budget::new(LIMITS, &|| None));
});
