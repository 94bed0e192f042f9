//! Signals: the stop in order, the stop now, the reload.

use crate::program::{Program, try_ask};
use rustix::process::Signal;
use std::{fs, net::TcpStream, time::Duration};

#[test]
fn an_idle_node_ends_with_0_within_a_second_of_either_signal() {
    for signal in [Signal::TERM, Signal::INT] {
        let directory = tempfile::tempdir().unwrap();
        let mut program = Program::embedded(directory.path(), &[]);
        // Idle connections are no reason to stay.
        let _idle = (TcpStream::connect(program.rest).unwrap(), TcpStream::connect(program.tcp).unwrap());
        program.signal(signal);
        let (status, took) = program.wait();
        assert_eq!(status.code(), Some(0), "{signal:?}");
        assert!(took < Duration::from_secs(1), "{signal:?}: {took:?}");
    }
}

#[test]
fn after_the_signal_nothing_is_accepted_and_what_was_acknowledged_is_kept() {
    let directory = tempfile::tempdir().unwrap();
    let mut program = Program::embedded(directory.path(), &[("NODE_NAME", "m1")]);
    let insert =
        "blockchain insert where policy = {\"device\": {\"name\": \"d1\"}} and local = true and master = !ledger_conn";
    assert_eq!(program.ask("POST", insert).0, 200);
    program.signal(Signal::TERM);
    let (status, _) = program.wait();
    assert_eq!(status.code(), Some(0));
    assert!(try_ask(program.rest, "GET", "get status").is_err());
    let again = Program::embedded(directory.path(), &[("NODE_NAME", "m1")]);
    assert!(again.get("blockchain get device").contains("\"d1\""));
}

#[test]
fn hangup_reads_the_level_of_the_log_again() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("anylog_configs.env");
    fs::write(&file, "LOG_LEVEL=info\n").unwrap();
    let mut program = Program::embedded(directory.path(), &[]);
    fs::write(&file, "LOG_LEVEL=debug\n").unwrap();
    program.signal(Signal::HUP);
    assert_eq!(program.event("configuration reloaded")["log.level"], "debug");
    fs::write(&file, "LOG_LEVEL=debug\nTCP_BIND=perhaps\n").unwrap();
    program.signal(Signal::HUP);
    program.get("get status");
}

#[test]
fn a_stop_under_load_ends_with_0_in_time_and_keeps_what_was_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let mut program = Program::embedded(directory.path(), &[("NODE_NAME", "m1")]);
    let rest = program.rest;
    let writers: Vec<_> = (0..8).map(|writer| std::thread::spawn(move || write_until_refused(rest, writer))).collect();
    // Some are acknowledged before the signal comes.
    while !program.get("blockchain get device").contains("w0-3") {}
    program.signal(Signal::TERM);
    let (status, took) = program.wait();
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(10), "{took:?}");
    let acknowledged: Vec<String> = writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect();
    let kept = Program::embedded(directory.path(), &[("NODE_NAME", "m1")]).get("blockchain get device");
    let lost: Vec<_> = acknowledged.iter().filter(|name| !kept.contains(&format!("\"{name}\""))).collect();
    assert!(lost.is_empty(), "of {} acknowledged are lost: {lost:?}", acknowledged.len());
}

/// Inserts until the node answers no more and returns the names that it acknowledged.
fn write_until_refused(rest: std::net::SocketAddr, writer: usize) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for number in 0.. {
        let name = format!("w{writer}-{number}");
        let text =
            format!("blockchain insert where policy = {{\"device\": {{\"name\": \"{name}\"}}}} and local = true");
        match try_ask(rest, "POST", &format!("{text} and master = !ledger_conn")) {
            Ok((200, _)) => acknowledged.push(name),
            Ok(_) => {}
            Err(_) => break,
        }
    }
    acknowledged
}
