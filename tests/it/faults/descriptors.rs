//! A node that may have 64 open files: it says so, answers, turns connections away that are too many, and goes on when they are gone.

use super::push;
use crate::program::{PATIENCE, Program, embedded, through};
use std::{
    io::Read as _,
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

/// Connections that do nothing, on each port.
const IDLE: usize = 150;

fn idle(address: SocketAddr) -> Vec<TcpStream> {
    let connect = |_| {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nonblocking(true).unwrap();
        stream
    };
    (0..IDLE).map(connect).collect()
}

/// Returns how many connections the node has closed.
fn closed(streams: &mut [TcpStream]) -> usize {
    let is_closed = |stream: &mut TcpStream| match stream.read(&mut [0]) {
        Ok(_) => true,
        Err(error) => error.kind() != std::io::ErrorKind::WouldBlock,
    };
    streams.iter_mut().map(is_closed).filter(|closed| *closed).count()
}

/// Asks again while the connection is the one that gives way to others, as clients do.
fn ask(node: &Program, method: &str, command: &str) -> String {
    let begin = Instant::now();
    loop {
        match node.try_ask(method, command) {
            Ok((200, body)) => return body,
            other => assert!(begin.elapsed() < PATIENCE, "{command}: {other:?}"),
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn push_in_a_crowd(node: &Program, name: &str) {
    ask(node, "POST", &format!(r#"blockchain push ignore {{"device": {{"name": "{name}", "id": "{name}"}}}}"#));
}

fn copied(node: &Program, name: &str) {
    let (copy, begin) = (ask(node, "GET", "get !blockchain_file"), Instant::now());
    while !std::fs::read_to_string(&copy).is_ok_and(|text| text.contains(name)) {
        ask(node, "POST", "run blockchain sync");
        assert!(begin.elapsed() < PATIENCE, "{name} does not come into the local copy");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_node_with_few_open_files_works_and_turns_away_what_is_too_much() {
    let directory = tempfile::tempdir().unwrap();
    let limit = ["sh", "-c", r#"ulimit -n 64 && exec "$0" "$@""#];
    let node = Program::start(through(&limit, &embedded(directory.path(), &[])));
    for server in ["REST", "TCP"] {
        let told = format!("{server} takes fewer connections than");
        assert!(node.was_told(&told), "{told}: {:#?}", node.told);
    }
    push(&node, "alone").unwrap();
    let mut idle: Vec<_> = idle(node.rest).into_iter().chain(idle(node.tcp)).collect();
    for name in ["in", "the", "crowd"] {
        push_in_a_crowd(&node, name);
    }
    copied(&node, "crowd");
    let begin = Instant::now();
    while closed(&mut idle) < IDLE {
        assert!(begin.elapsed() < PATIENCE, "{} of {} idle connections are closed", closed(&mut idle), idle.len());
        std::thread::sleep(Duration::from_millis(20));
    }
    let files = std::fs::read_dir(format!("/proc/{}/fd", node.id())).unwrap().count();
    println!("{files} open files with {} connections, {} of them closed", idle.len(), closed(&mut idle));
    drop(idle);
    push(&node, "again").unwrap();
    copied(&node, "again");
}
