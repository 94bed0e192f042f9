//! A node as monitoring sees it: the database goes away and comes back, and everybody who asks is told.

use crate::{
    program::{PATIENCE, Program, command},
    support::postgres::Postgres,
};
use serde_json::Value;
use std::{
    net::TcpStream,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

/// Starts a node on a PostgreSQL server.
fn start(home: &Path, server: &Postgres, more: &[(&str, &str)]) -> Program {
    let (port, home_text) = (server.port.to_string(), home.to_str().unwrap());
    let own = [
        ("ANYLOG_PATH", home_text),
        ("ANYLOG_SERVER_PORT", "0"),
        ("ANYLOG_REST_PORT", "0"),
        ("INTERNAL_IP", "127.0.0.1"),
        ("AUTH", "off"),
        ("DB_TYPE", "psql"),
        ("DB_USER", "admin"),
        ("DB_PASSWD", "elpw"),
        ("DB_IP", "127.0.0.1"),
        ("DB_PORT", &port),
        ("BLOCKCHAIN_SYNC", "1 second"),
    ];
    let variables: Vec<_> = own.into_iter().chain(more.iter().copied()).collect();
    Program::start(command(home, &["run"], &variables))
}

/// Asks for a page until it is as expected.
fn until(program: &Program, path: &str, holds: impl Fn(&str) -> bool) -> String {
    let started = Instant::now();
    loop {
        let page = program.page(path);
        if holds(&page) || started.elapsed() > PATIENCE {
            assert!(holds(&page), "{path}: {page}");
            return page;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn body(page: &str) -> Value {
    serde_json::from_str(page.split_once("\r\n\r\n").unwrap().1).unwrap()
}

/// Returns a check of `get health`.
fn check(health: &Value, name: &str) -> Value {
    health["checks"].as_array().unwrap().iter().find(|check| check["name"] == name).unwrap().clone()
}

/// Runs `healthcheck` for a node and returns its exit code and what it said.
fn healthcheck(program: &Program, home: &Path) -> (Option<i32>, String) {
    let port = program.rest.port().to_string();
    let variables = [("ANYLOG_REST_PORT", &*port), ("INTERNAL_IP", "127.0.0.1")];
    let output = command(home, &["healthcheck"], &variables).stdout(Stdio::piped()).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

#[test]
fn everybody_is_told_that_the_database_is_away() {
    let (server, home) = (Postgres::start(), tempfile::tempdir().unwrap());
    let program = start(home.path(), &server, &[]);
    assert!(
        until(&program, "/health?verbose", |page| page.contains(r#""status": "healthy""#)).starts_with("HTTP/1.1 200")
    );
    assert_eq!(healthcheck(&program, home.path()), (Some(0), "ready\n".to_owned()));

    server.stop();
    // Nobody writes: the node finds out by itself. It can still be read, so it stays ready and says that it is degraded.
    let stopped = Instant::now();
    let ready = until(&program, "/readyz", |page| page.contains("database"));
    assert!(stopped.elapsed() < Duration::from_secs(10), "{:?}", stopped.elapsed());
    assert!(ready.starts_with("HTTP/1.1 200") && body(&ready)["status"] == "ready", "{ready}");
    assert!(body(&ready)["degraded"].as_array().unwrap().contains(&"database".into()), "{ready}");
    let verbose = program.page("/readyz?verbose");
    assert!(verbose.contains("[~]database degraded since ") && verbose.ends_with("readyz check passed\n"), "{verbose}");
    let health = body(&until(&program, "/health", |page| page.contains("degraded")));
    assert_eq!(health["status"], "degraded");
    let asked: Value = serde_json::from_str(&program.get("get health")).unwrap();
    assert_eq!((&asked["ready"], &asked["status"]), (&true.into(), &"degraded".into()));
    let (there, told) = (check(&asked, "database"), check(&health, "database"));
    assert_eq!((&there["status"], &there["since"]), (&"degraded".into(), &told["since"]), "one source, one time");
    let (code, said) = healthcheck(&program, home.path());
    assert!(
        code == Some(0) && said.starts_with("ready, degraded: the database of the ledger does not answer"),
        "{said}"
    );
    until(&program, "/health", |page| check(&body(page), "sync")["status"] == "degraded");
    assert!(program.get("get error log").contains("blockchain sync"), "the rounds fail while their source is away");

    server.run_start("");
    until(&program, "/health?verbose", |page| body(page)["status"] == "healthy");
}

#[test]
fn a_node_that_cannot_change_its_ledger_is_not_ready_where_the_operator_says_so() {
    let (server, home) = (Postgres::start(), tempfile::tempdir().unwrap());
    let program = start(home.path(), &server, &[("READY_WHEN_READONLY", "false")]);
    server.stop();
    let page = until(&program, "/readyz", |page| page.starts_with("HTTP/1.1 503"));
    assert!(body(&page)["missing"].to_string().contains("the database of the ledger"), "{page}");
    assert_eq!(healthcheck(&program, home.path()).0, Some(1));
    assert!(program.page("/livez").starts_with("HTTP/1.1 200"), "a restart would not help");
    assert!(program.page("/startupz").starts_with("HTTP/1.1 200"));
    server.run_start("");
    until(&program, "/readyz", |page| page.starts_with("HTTP/1.1 200"));
}

#[test]
fn connections_without_a_word_are_no_matter_for_the_log() {
    let home = tempfile::tempdir().unwrap();
    let mut program = Program::embedded(home.path(), &[]);
    for _ in 0..20 {
        drop((TcpStream::connect(program.rest).unwrap(), TcpStream::connect(program.tcp).unwrap()));
    }
    program.get("get status");
    program.signal(rustix::process::Signal::TERM);
    let (status, _) = program.wait();
    let lines = program.rest_of_the_log();
    assert!(status.success() && lines.iter().all(|line| line["level"] == "INFO"), "{lines:#?}");
}
