//! A node without a terminal: commands from a pipe, and a node whose input has ended.

use crate::{
    program::{PATIENCE, Program, command, finish},
    support::anvil::KEYS,
};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    process::Stdio,
    sync::mpsc,
};

const NODE: [(&str, &str); 4] =
    [("ANYLOG_SERVER_PORT", "0"), ("ANYLOG_REST_PORT", "0"), ("INTERNAL_IP", "127.0.0.1"), ("AUTH", "off")];

#[test]
fn piped_commands_run_and_the_end_of_input_leaves_the_node_running() {
    let directory = tempfile::tempdir().unwrap();
    let mut start = command(directory.path(), &["run", "--embedded"], &NODE);
    let mut child = start.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let (sender, lines) = mpsc::channel();
    let output = child.stdout.take().unwrap();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let _gone = sender.send(line);
        }
    });
    let until = |text: &str| {
        let mut seen: Vec<String> = Vec::new();
        loop {
            match lines.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(['\r', '\x1b']) || line.contains("AL ") => panic!("no plain line: {line:?}"),
                Ok(line) if line.contains(text) => return line,
                Ok(line) => seen.push(line),
                Err(_) => panic!("{text:?} never came: {seen:?}"),
            }
        }
    };
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"print from a pipe\n<a =\nb>\nprint !a & print second\nget connections\n").unwrap();
    until("\"from a pipe\"");
    until("\"b\"");
    until("\"second\"");
    assert!(!until("External Address").contains('\x1b'));
    let rest = until("REST");
    drop(input);
    until("AnyLog Node in Detached Mode");
    let port = rest.split(['|', ' ']).find_map(|cell| cell.rsplit_once(':')?.1.parse::<u16>().ok()).unwrap();
    let answer = crate::program::try_ask(([127, 0, 0, 1], port).into(), "GET", "get status").unwrap();
    assert!(answer.1.contains("running"), "{answer:?}");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_key_that_is_asked_for_is_the_next_line_of_a_pipe() {
    let directory = tempfile::tempdir().unwrap();
    let mut start = command(directory.path(), &["run", "--embedded"], &NODE);
    let mut child = start.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let connect = "blockchain connect ethereum where provider = http://127.0.0.1:1 and required = false";
    let set = "blockchain set account info where platform = ethereum and public_key";
    let (own, other) = ("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266", "0x70997970C51812dc3A010C7d01b50e0d17dc79C8");
    let lines = format!(
        "{connect} and private_key = ?\n{}\n{set} = {other}\nprint between\n{set} = {own}\nprint behind\nexit node\n",
        KEYS[0]
    );
    input.write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (before, after) = text.split_once("\"between\"").unwrap_or_else(|| panic!("{text}"));
    // Only the account of another key is refused, so the line behind the question was the key and no command.
    let (between, _) = after.split_once("\"behind\"").unwrap_or_else(|| panic!("{text}"));
    assert!(before.contains("Blockchain operation failed") && between.trim().is_empty(), "{text}");
    assert!(!text.contains(KEYS[0].trim_start_matches("0x")), "{text}");
}

#[test]
fn words_that_start_nothing_end_when_nobody_can_type() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("nothing.al"), "print \"nothing to do\"\nexit scripts\n").unwrap();
    let (code, log) = finish(directory.path(), &["process", "nothing.al"], &[]);
    assert_eq!(code, Some(1), "{log}");
    assert!(log.contains("nobody can type") && log.contains("the REST server does not listen"), "{log}");
    let (code, log) = finish(directory.path(), &["process", "nosuch.al"], &[]);
    assert_eq!(code, Some(1), "{log}");
    assert!(log.contains("Script not available: nosuch.al"), "{log}");
}

#[test]
fn a_master_without_its_ledger_ends_when_nobody_can_type() {
    let directory = tempfile::tempdir().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let script = format!(
        "on error ignore\nset node_type = master\nrun rest server where internal_ip = 127.0.0.1 and internal_port = {port} and bind = true\nconnect dbms blockchain where type = psql and ip = 127.0.0.1 and port = 1 and user = a and password = b\n"
    );
    fs::write(directory.path().join("main.al"), script).unwrap();
    let (code, log) = finish(directory.path(), &["process", "main.al"], &[("AUTH", "off")]);
    assert_eq!(code, Some(75), "{log}");
    assert!(log.contains("the ledger is not loaded") && log.contains("blockchain"), "{log}");
}

#[test]
fn the_reason_of_a_node_that_is_not_ready_stands_in_readyz() {
    let directory = tempfile::tempdir().unwrap();
    let script = "on error ignore\nset node_type = other\nrun tcp server where internal_ip = 127.0.0.1 and internal_port = 0 and bind = true\nrun rest server where internal_ip = 127.0.0.1 and internal_port = 0 and bind = true\nconnect dbms blockchain where type = nosuch\n";
    fs::write(directory.path().join("main.al"), script).unwrap();
    let mut start = command(directory.path(), &["process", "main.al"], &[("AUTH", "off")]);
    start.stdin(Stdio::piped());
    let program = Program::start_unready(start);
    let answer = program.page("/readyz");
    assert!(answer.contains("503") && answer.contains("the ledger is not loaded"), "{answer}");
    assert!(answer.contains("nosuch"), "{answer}");
}
