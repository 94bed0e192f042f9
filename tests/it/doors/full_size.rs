//! The node against as many as can come: 16,000 idle REST connections, 4,000 unfinished messages of other nodes and 100 bodies,
//! of four addresses at once.
//!
//! `cargo test --test it -- --ignored full_size` (it needs 17,000 open files and a minute).

use crate::{
    peer::member::Member,
    program::{Program, command},
};
use anylog_block::Outgoing;
use std::{
    net::{IpAddr, SocketAddr},
    path::Path,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

const IDLE: usize = 16_000;
const MESSAGES: usize = 4_000;
const BODIES: usize = 100;
const BODY: usize = 15_900_000;
const ADDRESSES: u8 = 4;

async fn connect(number: usize, node: SocketAddr) -> TcpStream {
    let last = 2 + u8::try_from(number % usize::from(ADDRESSES)).unwrap();
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.bind((IpAddr::from([127, 0, 0, last]), 0).into()).unwrap();
    socket.connect(node).await.unwrap()
}

/// Sends a body until it is done or the node has heard enough; tells the status, if there was one.
async fn body(number: usize, node: SocketAddr) -> String {
    let mut stream = connect(number, node).await;
    let head = format!("POST / HTTP/1.1\r\nHost: x\r\nUser-Agent: AnyLog/1.23\r\nContent-Length: {BODY}\r\n\r\n");
    let mut sent = stream.write_all(head.as_bytes()).await;
    let block = vec![b'['; 1 << 20];
    for start in (0..BODY).step_by(block.len()) {
        if sent.is_ok() {
            sent = stream.write_all(&block[..block.len().min(BODY - start)]).await;
        }
    }
    let mut status = [0; 12];
    match stream.read_exact(&mut status).await {
        Ok(_) => String::from_utf8_lossy(&status[9..]).into_owned(),
        Err(_) => "ended".to_owned(),
    }
}

async fn crowd(node: SocketAddr) -> Vec<TcpStream> {
    let mut idle = Vec::new();
    for number in 0..IDLE {
        let mut stream = connect(number, node).await;
        // A third asks once and stays, a third begins a header, a third says nothing.
        match number / usize::from(ADDRESSES) % 3 {
            0 => {
                let _ = stream.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").await;
                let _ = stream.read(&mut [0; 1024]).await;
            }
            1 => drop(stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n").await),
            _ => {}
        }
        idle.push(stream);
    }
    // Those that gave way are gone on this side as well, or there are too few files for the rest.
    let mut open = Vec::new();
    for stream in idle {
        let is_open = tokio::select! {
            biased;
            _ = stream.readable() => false,
            () = tokio::task::yield_now() => true,
        };
        if is_open {
            open.push(stream);
        }
    }
    open
}

/// Sends the first block of messages that do not end.
async fn unfinished(node: SocketAddr, member: &Member) -> Vec<TcpStream> {
    let mut block = Vec::new();
    Outgoing::new(member.header(0), "blockchain push {}").encode(&mut block).unwrap();
    // The flag of the last block.
    block[35] = 0;
    let mut open = Vec::new();
    for number in 0..MESSAGES {
        let mut stream = connect(number, node).await;
        let _ = stream.write_all(&block).await;
        open.push(stream);
    }
    open
}

async fn asked(member: &mut Member) -> Duration {
    let started = Instant::now();
    assert_eq!(member.ask("get status").await.header.error, 0);
    started.elapsed()
}

fn healthcheck(directory: &Path, program: &Program) -> Duration {
    let (home, port) = (directory.join("anylog-data"), program.rest.port().to_string());
    let variables = [("ANYLOG_PATH", home.to_str().unwrap()), ("ANYLOG_REST_PORT", &port)];
    let started = Instant::now();
    let status = command(directory, &["healthcheck"], &variables).status().unwrap();
    assert!(status.success(), "{status:?} after {:?}", started.elapsed());
    started.elapsed()
}

fn withstands(auth: &str) {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let raised = rustix::process::Rlimit { current: limit.maximum, maximum: limit.maximum };
    rustix::process::setrlimit(rustix::process::Resource::Nofile, raised).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let program = Program::embedded(directory.path(), &[("AUTH", auth), ("REST_BIND", "false")]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    // A member has a thread of its own, or it would wait for the senders here and not for the node.
    let own = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut member = own.block_on(Member::new(program.tcp));
    let idle = runtime.block_on(crowd(program.rest));
    let messages = runtime.block_on(unfinished(program.tcp, &member));
    let mut slowest = (healthcheck(directory.path(), &program), own.block_on(asked(&mut member)));
    let bodies: Vec<_> = (0..BODIES).map(|number| runtime.spawn(body(number, program.rest))).collect();
    while bodies.iter().any(|body| !body.is_finished()) {
        slowest.0 = slowest.0.max(healthcheck(directory.path(), &program));
        slowest.1 = slowest.1.max(own.block_on(asked(&mut member)));
    }
    let mut said: Vec<String> = bodies.into_iter().map(|body| runtime.block_on(body).unwrap()).collect();
    said.sort();
    said.dedup();
    let (probe, answer, megabytes) = (slowest.0, slowest.1, program.peak_memory());
    println!(
        "AUTH={auth}: healthcheck {probe:?}, member {answer:?}, bodies {said:?}, {} idle kept, {megabytes} MB",
        idle.len()
    );
    assert!(probe.max(answer) < Duration::from_secs(1), "{slowest:?}");
    assert!(megabytes < 256, "{megabytes} MB");
    drop((idle, messages));
}

#[test]
#[ignore = "the full size: 17,000 open files"]
fn a_crowd_of_few_addresses_stops_no_probe_and_no_member() {
    withstands("token");
    withstands("off");
}
