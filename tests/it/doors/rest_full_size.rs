//! The REST server against as many as can come: 16,000 idle connections and 100 bodies of four addresses at once.
//!
//! `cargo test --test it -- --ignored rest_full_size` (it needs 17,000 open files and a minute).

use crate::program::{Program, command};
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
    idle
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
    let idle = runtime.block_on(crowd(program.rest));
    let beside_idle = healthcheck(directory.path(), &program);
    let bodies: Vec<_> = (0..BODIES).map(|number| runtime.spawn(body(number, program.rest))).collect();
    let mut slowest = Duration::ZERO;
    while bodies.iter().any(|body| !body.is_finished()) {
        slowest = slowest.max(healthcheck(directory.path(), &program));
    }
    let mut said: Vec<String> = bodies.into_iter().map(|body| runtime.block_on(body).unwrap()).collect();
    said.sort();
    said.dedup();
    println!(
        "AUTH={auth}: healthcheck beside idle {beside_idle:?}, beside bodies {slowest:?}; bodies: {said:?}; {} MB",
        program.peak_memory()
    );
    assert!(beside_idle.max(slowest) < Duration::from_secs(1), "{beside_idle:?} {slowest:?}");
    assert!(program.peak_memory() < 256, "{} MB", program.peak_memory());
    drop(idle);
}

#[test]
#[ignore = "the full size: 17,000 open files"]
fn a_crowd_of_few_addresses_stops_no_probe() {
    withstands("token");
    withstands("off");
}
