//! A relay of the env file: the boot connects, switches the relay on, and publishes.

use crate::{
    program::{PATIENCE, Program},
    support::{
        anvil::{Anvil, KEYS},
        port::free,
    },
};
use std::time::Instant;

#[test]
fn a_relay_boots_publishes_and_comes_back() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let home = tempfile::tempdir().unwrap();
    let key = home.path().join("key");
    std::fs::write(&key, KEYS[0]).unwrap();
    let (url, key) = (anvil.url(), key.display().to_string());
    // The own policy names the ports: with others it would be another one.
    let (tcp, rest) = (free().to_string(), free().to_string());
    let without = [
        ("ANYLOG_SERVER_PORT", tcp.as_str()),
        ("ANYLOG_REST_PORT", rest.as_str()),
        ("NODE_NAME", "relay"),
        ("BLOCKCHAIN_SOURCE", "ethereum"),
        ("PROVIDER", url.as_str()),
        ("BLOCKCHAIN_PRIVATE_KEY_FILE", key.as_str()),
        ("BLOCKCHAIN_SYNC", "1 second"),
    ];
    let program = Program::embedded(home.path(), &without);
    assert_eq!(program.get("get relay"), "Relay node not declared");
    let (status, body) = program.ask("POST", "contract = blockchain deploy contract where platform = ethereum");
    assert_eq!(status, 200, "{body}");
    let contract = program.get("get !contract");
    drop(program);
    let with: Vec<_> = without.into_iter().chain([("CONTRACT", contract.as_str())]).collect();
    for round in 0..2 {
        let program = Program::embedded(home.path(), &with);
        let started = Instant::now();
        loop {
            let shown = program.get("get relay where format = json");
            if shown.contains("\"queue\": 0") && program_has(&program, "blockchain state where platform = ethereum") {
                break;
            }
            assert!(started.elapsed() < PATIENCE, "{shown}");
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        let (_, count) = program.ask("POST", "n = blockchain state where platform = ethereum");
        assert_eq!(count, "");
        assert_eq!(program.get("get !n"), "1", "round {round}: the own policy is in the contract, once");
    }
}

fn program_has(program: &Program, question: &str) -> bool {
    program.ask("POST", &format!("n = {question}")).0 == 200 && program.get("get !n") != "0"
}

#[test]
fn a_relay_whose_provider_is_away_serves_its_members() {
    let home = tempfile::tempdir().unwrap();
    let url = format!("http://127.0.0.1:{}", free());
    let variables = [
        ("NODE_NAME", "relay"),
        ("BLOCKCHAIN_SOURCE", "optimism"),
        ("PROVIDER", url.as_str()),
        ("BLOCKCHAIN_PRIVATE_KEY", KEYS[0]),
        ("CONTRACT", "0xc0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0"),
    ];
    let program = Program::embedded(home.path(), &variables);
    let policy = r#"{"device": {"name": "n", "id": "a"}}"#;
    assert_eq!(program.ask("POST", &format!("blockchain push {policy}")).0, 200);
    assert!(program.get("blockchain get device").contains("\"id\": \"a\""));
    assert!(program.get("get relay").contains("optimism"));
    let everything =
        ["get env var", "get dictionary", "get event log", "get boot", "get error log"].map(|page| program.get(page));
    assert!(!everything.concat().contains(KEYS[0].trim_start_matches("0x")));
}

#[test]
fn the_authority_of_the_provider_is_a_file_of_the_configuration() {
    let home = tempfile::tempdir().unwrap();
    let url = format!("https://127.0.0.1:{}", free());
    let file = home.path().join("ca.pem");
    let authority = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    std::fs::write(&file, authority.cert.pem()).unwrap();
    let file = file.display().to_string();
    let variables = [("BLOCKCHAIN_SOURCE", "ethereum"), ("PROVIDER", url.as_str()), ("PROVIDER_CA", file.as_str())];
    let program = Program::embedded(home.path(), &variables);
    assert!(program.get("get boot where format = json").contains("provider_ca = $PROVIDER_CA"));
}
