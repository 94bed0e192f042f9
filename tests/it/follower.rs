//! A node whose source is another master is a full member of that master.

use crate::{program::Program, support::port::free};
use std::time::{Duration, Instant};

/// Longest time until a change has gone from one node to the other.
const PATIENCE: Duration = Duration::from_secs(20);

fn insert(program: &Program, id: &str, places: &str) {
    let policy = format!(r#"{{"device": {{"name": "{id}", "id": "{id}", "date": "2026-01-01T00:00:00.000000Z"}}}}"#);
    let (status, body) = program.ask("POST", &format!("blockchain insert where policy = {policy} and {places}"));
    assert_eq!(status, 200, "{body}");
}

/// Runs rounds on the follower until a node has these devices.
fn devices(follower: &Program, of: &Program, wanted: &str) {
    let started = Instant::now();
    loop {
        let (status, body) = follower.ask("POST", "run blockchain sync");
        let found = of.get("blockchain get device bring [*][id] separator = ,");
        if found == wanted {
            return;
        }
        assert!(started.elapsed() < PATIENCE, "{found} instead of {wanted}; the last round: {status} {body}");
    }
}

#[test]
fn a_follower_fetches_merges_and_pushes() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let master = Program::embedded(first.path(), &[("NODE_NAME", "master")]);
    let source = format!("127.0.0.2:{}", master.tcp.port());
    let follower = Program::embedded(second.path(), &[("NODE_NAME", "follower"), ("LEDGER_CONN", &source)]);
    insert(&master, "a", "local = true and master = !ledger_conn");
    devices(&follower, &follower, "a");
    insert(&follower, "b", "local = true");
    devices(&follower, &master, "a,b");
    devices(&follower, &follower, "a,b");
    assert_eq!(follower.ask("POST", "blockchain reload metadata").0, 200);
    devices(&follower, &follower, "a,b");
    assert_eq!(follower.get("get metadata version"), master.get("get metadata version"));
    assert_eq!(master.ask("POST", "blockchain drop policy where id = a").0, 200);
    devices(&follower, &follower, "b");
    assert_eq!(follower.ask("POST", "blockchain delete policy where id = b and master = !ledger_conn").0, 200);
    devices(&follower, &master, "[]");
}

#[test]
fn a_list_goes_to_another_master_as_single_policies() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let master = Program::embedded(first.path(), &[("NODE_NAME", "master")]);
    let source = format!("127.0.0.2:{}", master.tcp.port());
    let follower = Program::embedded(second.path(), &[("NODE_NAME", "follower"), ("LEDGER_CONN", &source)]);
    let insert = |list: &str| {
        let places = "local = false and master = !ledger_conn";
        follower.ask("POST", &format!("blockchain insert where policy = {list} and {places}"))
    };
    let table = r#"{"table": {"name": "t", "dbms": "x", "create": "c", "n": 1}}"#;
    let (status, body) = insert(&format!(r#"[{table}, {}]"#, table.replace("\"n\": 1", "\"n\": 2")));
    assert_eq!(status, 400, "the two clash: {body}");
    assert_eq!(master.get("blockchain get table"), "[]", "nothing was sent");
    let (status, body) = insert(r#"[{"device": {"id": "a"}}, {"device": {"id": "b"}}]"#);
    assert_eq!(status, 200, "{body}");
    devices(&follower, &master, "a,b");
}

#[test]
fn a_source_that_does_not_answer_holds_nobody_up() {
    let directory = tempfile::tempdir().unwrap();
    let silent = std::net::TcpListener::bind("127.0.0.2:0").unwrap();
    let source = silent.local_addr().unwrap().to_string();
    let follower = Program::embedded(directory.path(), &[("LEDGER_CONN", &source)]);
    let started = Instant::now();
    assert_eq!(follower.ask("POST", "run blockchain sync").0, 200);
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
}

#[test]
fn a_source_that_comes_later_is_found_and_told() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let port = free();
    let source = format!("127.0.0.2:{port}");
    let mut follower = Program::embedded(second.path(), &[("NODE_NAME", "follower"), ("LEDGER_CONN", &source)]);
    assert_eq!(follower.ask("POST", "run blockchain sync").0, 400);
    let port = port.to_string();
    let _master = Program::embedded(first.path(), &[("NODE_NAME", "master"), ("ANYLOG_SERVER_PORT", &port)]);
    assert_eq!(follower.ask("POST", "run blockchain sync").0, 200);
    follower.event("the synchroniser reaches its source again");
}
