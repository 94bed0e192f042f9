//! Who a REST caller is: guessing locks nobody out, certificates are not all alike, and a node that wants tokens has one.

use crate::{
    program::{Program, command, finish},
    rest::{client::request, node::TestNode},
};
use anylog_master::{
    node::Role,
    rest::{Mode, NewToken, RestSettings, Tokens},
};
use std::{fs, io::Read, os::unix::fs::PermissionsExt, path::Path, process::Stdio};

const CLIENT: (&str, &str) = ("User-Agent", "AnyLog/1.23");
const STATUS: (&str, &str) = ("command", "get status");

#[tokio::test]
async fn wrong_tokens_lock_out_no_right_one() {
    let token = NewToken::generate("gui", Role::Read).unwrap();
    let tokens = Tokens::parse(&token.line).unwrap();
    let node = TestNode::start(RestSettings { auth: Some(Mode::Token), tokens, ..RestSettings::default() }).await;
    let wrong = [CLIENT, STATUS, ("Authorization", "Bearer alm_guess")];
    let right = format!("Bearer {}", token.secret);
    let right = [CLIENT, STATUS, ("Authorization", right.as_str())];
    for _ in 0..10 {
        assert_eq!(request(node.address(), "GET", "/", &wrong).await.status, 401);
    }
    assert_eq!(request(node.address(), "GET", "/", &wrong).await.status, 429);
    assert_eq!(request(node.address(), "GET", "/", &right).await.status, 200);
    assert_eq!(request(node.address(), "GET", "/", &wrong).await.status, 429, "and the guesses go on counting");
}

/// Starts a node with `AUTH=token` and no tokens; returns what it printed until it was ready and stopped.
fn printed(directory: &Path, ask: impl FnOnce(&Program)) -> String {
    let ports = [("ANYLOG_SERVER_PORT", "0"), ("ANYLOG_REST_PORT", "0"), ("INTERNAL_IP", "127.0.0.1")];
    let variables = [&ports[..], &[("AUTH", "token")]].concat();
    let mut start = command(directory, &["run", "--embedded"], &variables);
    let (mut reader, writer) = std::io::pipe().unwrap();
    start.stdout(writer);
    let mut program = Program::start(start);
    ask(&program);
    program.signal(rustix::process::Signal::TERM);
    program.wait();
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn a_node_that_wants_tokens_and_has_none_makes_one_and_prints_it_once() {
    let directory = tempfile::tempdir().unwrap();
    let refused = |program: &Program| assert_eq!(program.ask("GET", "get status").0, 401);
    let first = printed(directory.path(), refused);
    let secret = first.split("Authorization: Bearer ").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap();
    let kept = directory.path().join("anylog-data/EdgeLake/rest_tokens");
    assert_eq!(fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!fs::read_to_string(&kept).unwrap().contains(secret), "the secret is kept nowhere");
    let header = format!("get version\r\nAuthorization: Bearer {secret}");
    let second = printed(directory.path(), |program| {
        refused(program);
        let (status, body) = program.ask("POST", &format!("set a = 1\r\nAuthorization: Bearer {secret}"));
        assert_eq!(status, 200, "{body}");
        assert_eq!(program.ask("GET", &header).0, 200);
    });
    assert!(!second.contains("alm_"), "{second}");
    // A crash may leave the file without its line, and then nobody has a token.
    fs::write(&kept, "").unwrap();
    assert!(printed(directory.path(), refused).contains("Authorization: Bearer alm_"));
    fs::write(&kept, "nonsense\n").unwrap();
    let ports = [("ANYLOG_SERVER_PORT", "0"), ("ANYLOG_REST_PORT", "0"), ("AUTH", "token")];
    let (code, text) = finish(directory.path(), &["run", "--embedded"], &ports);
    assert!(code == Some(64) && text.contains("rest_tokens") && text.contains("remove the file"), "{code:?} {text}");
}

#[test]
fn check_config_tells_what_a_node_without_tokens_will_do() {
    let directory = tempfile::tempdir().unwrap();
    let check = |variables: &[(&str, &str)]| {
        let output = command(directory.path(), &["check-config"], variables).stdout(Stdio::null()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let home = directory.path().to_str().unwrap();
    let (code, text) = check(&[("AUTH", "token"), ("ANYLOG_PATH", home)]);
    assert!(code == Some(0) && text.contains("AUTH=token and no REST_TOKENS"), "{text}");
    assert!(text.contains(&format!("{home}/EdgeLake/rest_tokens")), "{text}");
    let line = NewToken::generate("a", Role::Read).unwrap().line;
    assert_eq!(check(&[("AUTH", "token"), ("REST_TOKENS", &line)]), (Some(0), String::new()));
    let (code, text) = check(&[("REST_CERT_ROLES", "ops:root")]);
    assert!(code == Some(64) && text.contains("REST_CERT_ROLES") && text.contains("read, publish or admin"), "{text}");
}
