//! `anylog-master doctor` and `test join`: the checklist, its exit code, and what it says when no node runs.

use crate::{
    program::{Program, command},
    support::port::free,
};
use anylog_block::{Header, Outgoing, ReturnAddress};
use serde_json::Value;
use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::Stdio,
};

/// Runs `doctor` and returns its exit code and what it printed.
fn doctor(directory: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let all = [&["doctor"], arguments].concat();
    let output = command(directory, &all, variables).stdout(Stdio::piped()).output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

/// Returns the checks by their names and states.
fn states(text: &str) -> Vec<(String, String)> {
    let list: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let item = |item: &Value, key: &str| item[key].as_str().unwrap().to_owned();
    list["checks"].as_array().unwrap().iter().map(|check| (item(check, "name"), item(check, "state"))).collect()
}

fn of<'a>(all: &'a [(String, String)], state: &str) -> Vec<&'a str> {
    all.iter().filter(|(_, of)| of == state).map(|(name, _)| name.as_str()).collect()
}

#[test]
fn a_running_node_is_examined_and_the_exit_code_says_what_came_of_it() {
    let directory = tempfile::tempdir().unwrap();
    let node = Program::embedded(directory.path(), &[]);
    let address = node.rest.to_string();
    let (code, text) = doctor(directory.path(), &["--connect", &address, "--format", "json"], &[]);
    let all = states(&text);
    // In this test members are told 127.0.0.1, which is all that is wrong.
    assert_eq!((code, of(&all, "wrong")), (Some(1), vec!["advertised address"]), "{text}");
    assert_eq!(of(&all, "not_known"), ["members", "nodes of the ledger"], "{text}");
    let good = of(&all, "good");
    for name in [
        "node",
        "TCP port",
        "REST port",
        "way in",
        "names",
        "LEDGER_CONN",
        "database",
        "changes",
        "clock",
        "disk",
        "senders",
        "env file",
    ] {
        assert!(good.contains(&name), "{name}: {text}");
    }
    let (code, text) = doctor(directory.path(), &["--connect", &address], &[]);
    assert_eq!(code, Some(1));
    assert!(text.contains("✘ advertised address: members are told 127.0.0.1:"), "{text}");
    assert!(text.contains("\n    do: set EXTERNAL_IP to the address of the host\n"), "{text}");
    assert!(text.contains("✔ TCP port: listens on ") && text.contains("? not known: members: "), "{text}");
    assert!(node.get("test join").contains("✘ advertised address"), "the command says the same");
}

#[test]
fn nothing_wrong_is_exit_code_zero() {
    let (directory, port) = (tempfile::tempdir().unwrap(), free().to_string());
    // A name that stands for an address of the machine which others may reach, where the machine has one.
    let host = anylog_master::runtime::address::all_of_this_machine()
        .into_iter()
        .find(|ip| anylog_master::runtime::address::reach(*ip) == anylog_master::runtime::address::Reach::Others);
    let Some(host) = host.map(|ip| ip.to_string()) else {
        crate::support::skipped("this machine has no address that others may reach");
        return;
    };
    let variables = [("ANYLOG_SERVER_PORT", &*port), ("INTERNAL_IP", &host), ("EXTERNAL_IP", &host)];
    let node = Program::embedded(directory.path(), &variables);
    let (code, text) = doctor(directory.path(), &["--connect", &node.rest.to_string()], &[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.lines().last().unwrap().starts_with("nothing is wrong: "), "{text}");
}

#[test]
fn what_came_to_the_wrong_port_stands_in_the_list() {
    let directory = tempfile::tempdir().unwrap();
    let node = Program::embedded(directory.path(), &[]);
    let mut raw = Vec::new();
    let header = Header { info: 6, source: ReturnAddress::new("127.0.0.1", 7), ..Header::default() };
    Outgoing::new(header, "get status").encode(&mut raw).unwrap();
    let mut stream = TcpStream::connect(node.rest).unwrap();
    stream.write_all(&raw).unwrap();
    stream.read_to_string(&mut String::new()).unwrap();
    let (code, text) = doctor(directory.path(), &["--connect", &node.rest.to_string()], &[]);
    assert_eq!(code, Some(1));
    let line = text.lines().find(|line| line.starts_with("✘ sender 127.0.0.1: ")).unwrap_or_else(|| panic!("{text}"));
    assert!(line.contains("a message of another node came to port") && line.contains("(once, last at "), "{line}");
}

#[test]
fn without_a_node_what_needs_none_is_examined() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(
        directory.path().join("anylog_configs.env"),
        "NODE_NAME=a$b\nEXTERNAL_IP=nobody.invalid\nDB_TYPE=psql\nDB_USER=u\n",
    )
    .unwrap();
    let taken = std::net::TcpListener::bind("0.0.0.0:0").unwrap();
    let (tcp, nobody) = (taken.local_addr().unwrap().port().to_string(), free().to_string());
    let rest = free().to_string();
    let path = directory.path().display().to_string();
    let variables = [
        ("ANYLOG_SERVER_PORT", &*tcp),
        ("ANYLOG_REST_PORT", &*rest),
        ("ANYLOG_PATH", &*path),
        ("DB_IP", "127.0.0.1"),
        ("DB_PORT", &*nobody),
    ];
    let (code, text) = doctor(directory.path(), &["--format", "json"], &variables);
    assert_eq!(code, Some(1), "{text}");
    let all = states(&text);
    assert_eq!(of(&all, "wrong"), ["node", "env file", "TCP port", "name in EXTERNAL_IP", "database"], "{text}");
    for name in ["configuration", "REST port", "disk"] {
        assert!(of(&all, "good").contains(&name), "{name}: {text}");
    }
    fs::write(directory.path().join("anylog_configs.env"), "ANYLOG_SERVER_PORT=99999\n").unwrap();
    let (code, text) = doctor(directory.path(), &[], &[]);
    assert!(code == Some(1) && text.starts_with("✘ configuration: "), "{text}");
    assert!(text.contains("ANYLOG_SERVER_PORT=\"99999\""), "{text}");
}

#[test]
fn a_node_that_wants_a_token_is_asked_with_it() {
    let directory = tempfile::tempdir().unwrap();
    let made = command(directory.path(), &["token", "ann", "read"], &[]).stdout(Stdio::piped()).output().unwrap();
    let made = String::from_utf8(made.stdout).unwrap();
    let lines: Vec<_> = made.lines().filter(|line| !line.starts_with('#')).collect();
    fs::write(directory.path().join("token"), lines[0]).unwrap();
    let node = Program::embedded(directory.path(), &[("REST_TOKENS", lines[1]), ("AUTH", "token")]);
    let address = node.rest.to_string();
    let (code, text) = doctor(directory.path(), &["--connect", &address], &[]);
    assert!(code == Some(1) && text.starts_with("✘ node: ") && text.contains("REST_TOKEN"), "{text}");
    for (arguments, variables) in [
        (&["--connect", &address, "--token-file", "token"][..], &[][..]),
        (&["--connect", &address], &[("REST_TOKEN_FILE", "token")]),
        (&["--connect", &address], &[("REST_TOKEN", lines[0])]),
    ] {
        let (_, text) = doctor(directory.path(), arguments, variables);
        assert!(text.starts_with("✔ node: runs and answers"), "{text}");
    }
}

#[test]
fn a_node_that_speaks_tls_is_examined_by_its_configuration_and_by_its_address() {
    let directory = tempfile::tempdir().unwrap();
    let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    fs::write(directory.path().join("cert.pem"), own.cert.pem()).unwrap();
    fs::write(directory.path().join("key.pem"), own.signing_key.serialize_pem()).unwrap();
    let tls = [("REST_TLS_CERT", "cert.pem"), ("REST_TLS_KEY", "key.pem")];
    let node = Program::embedded(directory.path(), &tls);
    let port = node.rest.port().to_string();
    // As in its container: the same environment, nothing else.
    let (_, text) = doctor(directory.path(), &[], &[tls[0], tls[1], ("ANYLOG_REST_PORT", &port)]);
    assert!(text.starts_with("✔ node: runs and answers"), "{text}");
    // As from another machine: an address, and the certificate that is trusted.
    let address = format!("https://localhost:{port}");
    let (_, text) = doctor(directory.path(), &["--connect", &address, "--ca", "cert.pem"], &[]);
    assert!(text.starts_with("✔ node: runs and answers"), "{text}");
    let arguments = ["doctor", "--connect", &address];
    let refused = command(directory.path(), &arguments, &[]).stderr(Stdio::piped()).output().unwrap();
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && told.contains("--ca FILE"), "{told}");
}
