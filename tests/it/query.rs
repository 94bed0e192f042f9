//! Queries on one data set, as recorded on a running network (reference/ledger 7).

use anylog_master::{
    policy::Policy,
    query::{Budget, Own, Query},
    render,
    reply::Error,
    script::{Scope, words},
};
use serde_json::Value;

const CASES: &str = include_str!("../vectors/ledger/blockchain_get.json");
const MORE: &str = include_str!("../vectors/ledger/blockchain_get_more.json");
const DATA: &str = include_str!("../vectors/ledger/get_dataset_1.jsonl");

/// The variables that the recorded node had.
struct Recorded;

impl Scope for Recorded {
    fn variable(&self, name: &str) -> Option<String> {
        let value = match name {
            "company_name" => "New Company",
            "vname" => "op2",
            "vtype" => "operator",
            "anylog_server_port" => "33410",
            _ => return None,
        };
        Some(value.to_owned())
    }

    fn environment(&self, _name: &str) -> Option<String> {
        None
    }
}

fn answer(command: &str, policies: &Vec<Policy>) -> Result<String, Error> {
    let words = words(command)?;
    let rest = words.get(2..).unwrap_or_default();
    let query = Query::parse(rest, &Recorded)?;
    Ok(render::text(&query.run(policies, &Own::default(), &Budget::unlimited())?.into()))
}

/// Returns what is wrong with one case, or nothing.
fn check(case: &Value, policies: &Vec<Policy>) -> Option<String> {
    let command = case["command"].as_str().unwrap();
    let reply = &case["reply"];
    match (answer(command, policies), reply["err_code"].as_u64()) {
        (Ok(text), None) => (Some(text.as_str()) != reply["body"].as_str()).then_some(text),
        (Err(error), Some(code)) => (u64::from(error.code.0) != code).then(|| error.to_string()),
        (Ok(text), Some(_)) => Some(text),
        (Err(error), None) => Some(error.to_string()),
    }
}

/// Beyond what was recorded: the documents name these forms, and real scripts use them.
#[test]
fn roots_of_some_types_and_variables_that_are_not_set() {
    let policy = |text: &str| Policy::parse(text).unwrap();
    let policies = vec![
        policy(r#"{"uns": {"name": "site", "id": "1"}}"#),
        policy(r#"{"uns": {"name": "unit", "id": "2", "parent": "1"}}"#),
        policy(r#"{"wits": {"name": "record", "id": "3"}}"#),
        policy(r#"{"tag": {"name": "rig", "id": "4", "parent": "3"}}"#),
    ];
    for (command, wanted) in [
        ("blockchain get root policies bring [*][name] separator = ,", "site,record"),
        ("blockchain get root policies include uns cluster bring [*][name]", "site"),
        ("blockchain get root policies exclude uns bring [*][name]", "record"),
        ("blockchain get root policies exclude uns where name = site bring [*][name]", "[]"),
        ("blockchain get uns where name = $NOT_SET bring [*][name]", "[]"),
        ("blockchain get uns where name = site and id = $NOT_SET bring.count", "[]"),
    ] {
        assert_eq!(answer(command, &policies).unwrap().trim(), wanted, "{command}");
    }
    for (command, code) in
        [("blockchain get root policies include bring [*][name]", 2), ("blockchain get uns where name = !not_set", 240)]
    {
        assert_eq!(answer(command, &policies).unwrap_err().code.0, code, "{command}");
    }
}

#[test]
fn recorded_answers() {
    compare(CASES);
}

#[test]
fn further_answers() {
    compare(MORE);
}

fn compare(recorded: &str) {
    let policies: Vec<Policy> = DATA.lines().map(|line| Policy::parse(line).unwrap()).collect();
    let file: Value = serde_json::from_str(recorded).unwrap();
    let cases = file["cases"].as_array().unwrap();
    let mut wrong = Vec::new();
    for case in cases {
        let (id, command) = (case["id"].as_str().unwrap(), &case["command"]);
        match check(case, &policies) {
            Some(what) if case["better"].is_string() => println!("{id} {command}: {what} (better: {})", case["better"]),
            Some(what) if case["level"] == "MAY" => println!("{id} {command}: {what} (MAY)"),
            Some(what) => wrong.push(format!("{id} {command}:\n  {what}\n  {}", case["reply"])),
            None => {}
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn overlays_are_seen_by_get_and_not_by_read() {
    let lines = [
        r#"{"operator": {"name": "op1", "ip": "10.0.0.1", "port": 1, "id": "op-1"}}"#,
        r#"{"anmp": {"op-1": {"ip": "1.1.1.1", "port": 9}, "zz": {"ip": "0"}, "id": "an-2", "date": "2026-02-01"}}"#,
        r#"{"anmp": {"op-1": {"ip": "2.2.2.2"}, "id": "an-1", "date": "2026-01-01"}}"#,
    ];
    let policies: Vec<Policy> = lines.iter().map(|line| Policy::parse(line).unwrap()).collect();
    let asked = "blockchain get operator where ip = 1.1.1.1 and port = 9 bring.json [*][ip] [*][anmp]";
    let expected = r#"[{"ip": "1.1.1.1", "anmp": {"ip": "2026-02-01", "port": "2026-02-01"}}]"#;
    assert_eq!(answer(asked, &policies).unwrap(), expected);
    let words = words("operator where ip = 10.0.0.1").unwrap();
    let query = Query::parse(&words, &Recorded).unwrap();
    assert!(!query.read(&policies, &Own::default(), &Budget::unlimited()).unwrap().is_empty());
    assert!(query.run(&policies, &Own::default(), &Budget::unlimited()).unwrap().is_empty());
}

proptest::proptest! {
    #[test]
    fn no_text_breaks_the_parser(tail in "(where|bring|join|=|==|and|or|not|with|\\[a\\]|\\(b\\)|bring\\.sort\\(1\\)|x|!y| ){0,12}") {
        let policies = vec![Policy::parse(r#"{"a": {"x": 1, "list": [1, {"y": null}]}}"#).unwrap()];
        let _ = answer(&format!("blockchain get * {tail}"), &policies);
        let _ = answer(&format!("blockchain get a bring {tail}"), &policies);
    }
}
