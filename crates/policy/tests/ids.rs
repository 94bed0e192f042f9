//! Ids and stored texts of policies, as recorded on a running network (reference/ledger 1 and 2).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that meets the unexpected fails"
)]

use anylog_policy::{Error, Policy, id, json};
use serde_json::Value;

const GIVEN: &str = include_str!("../../../tests/vectors/ledger/policy_id.json");
const RANDOM: &str = include_str!("../../../tests/vectors/ledger/policy_id_random.json");

/// Fills the two variables that the recorded cases use.
fn filled(text: &str) -> String {
    text.replace(":!company_name,", ":\"New Company\",")
        .replace(":!anylog_server_port.int", ":33410")
        .replace(":!anylog_server_port}", ":\"33410\"}")
}

/// Returns what is wrong with one case, or nothing.
fn check(case: &Value) -> Option<String> {
    let text = filled(case["variables"]["v"].as_str().unwrap());
    let policy = Policy::parse(&text);
    if case["reply"]["http_status"] != 200 {
        return policy.is_ok().then(|| "accepted".to_owned());
    }
    let mut policy = match policy {
        Ok(policy) => policy,
        Err(error) => return Some(error.to_string()),
    };
    let canonical = id::canonical(&policy);
    if let Err(Error::Structure(reason)) = policy.prepare("DATE") {
        return Some(reason);
    }
    if case["canonical_text"].as_str().is_some_and(|expected| expected != canonical) {
        return Some(format!("canonical text {canonical}"));
    }
    let expected = json::parse(case["variable_after"].as_str().unwrap()).unwrap();
    let mut expected = Policy::from_value(expected).unwrap();
    if case["volatile"][0] == "date" {
        expected.set("date", "DATE");
    }
    (policy.stored_text() != expected.stored_text()).then(|| format!("stored text {}", policy.stored_text()))
}

fn run(text: &str) -> usize {
    let file: Value = serde_json::from_str(text).unwrap();
    let cases = file["cases"].as_array().unwrap();
    let mut wrong = Vec::new();
    for case in cases {
        let id = case["id"].as_str().unwrap();
        match check(case) {
            Some(what) if case["better"].is_string() => println!("{id}: {what} (better: {})", case["better"]),
            Some(what) if case["level"] == "MAY" => println!("{id}: {what} (MAY)"),
            Some(what) => wrong.push(format!("{id}: {what}")),
            None => {}
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    cases.len()
}

#[test]
fn recorded_ids() {
    assert!(run(GIVEN) > 60);
}

#[test]
fn recorded_ids_of_random_policies() {
    assert!(run(RANDOM) > 200);
}
