//! The contract that is part of the program is what the compiler makes of its source.

use std::process::Command;

#[test]
fn artefact_is_what_the_compiler_makes_of_the_source() {
    let root = env!("CARGO_MANIFEST_DIR");
    let built = Command::new(format!("{root}/contracts/build")).arg("--print").output().unwrap();
    let said = String::from_utf8_lossy(&built.stderr);
    if built.status.code() == Some(3) {
        crate::support::skipped(said);
        return;
    }
    assert!(built.status.success(), "{said}");
    let kept = std::fs::read_to_string(format!("{root}/contracts/AnyLog2.json")).unwrap();
    assert!(kept == String::from_utf8(built.stdout).unwrap(), "run contracts/build and commit contracts/AnyLog2.json");
}

#[test]
fn interface_is_the_one_of_the_network_and_more() {
    let artefact = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/contracts/AnyLog2.json")).unwrap();
    let artefact: serde_json::Value = serde_json::from_str(&artefact).unwrap();
    let types = |value: &serde_json::Value| -> Vec<String> {
        value.as_array().into_iter().flatten().map(|input| input["type"].as_str().unwrap().to_owned()).collect()
    };
    let mut found: Vec<String> = artefact["abi"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| {
            let (kind, name) = (part["type"].as_str().unwrap(), part["name"].as_str().unwrap());
            format!("{kind} {name}({}) -> {}", types(&part["inputs"]).join(","), types(&part["outputs"]).join(","))
        })
        .collect();
    found.sort();
    let wanted = [
        "event delete_policy_event(bool) -> ",
        "event get_policy_event(string) -> ",
        "event get_policy_owner_event(address) -> ",
        "event updated_policy_event(string,string) -> ",
        "function deletePolicy(string) -> ",
        "function getPolicy(string) -> ",
        "function getPolicyOwner(string) -> ",
        "function insert(string,string) -> ",
        "function num_policies() -> uint256",
        "function policies(uint256) -> string",
        "function policy_ids(uint256) -> string",
        "function transaction_count() -> uint256",
        "function updatePolicy(string,string) -> ",
    ];
    let missing: Vec<_> = wanted.iter().filter(|line| !found.iter().any(|found| found == *line)).collect();
    assert!(missing.is_empty(), "{missing:?} of {found:#?}");
}
