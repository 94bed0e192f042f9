//! REST against a bare warp server in the same process, and what many idle and slow connections do to one client.
//!
//! `cargo bench --bench rest -- status` measures that alone (`status`, `name`, `listing`, `crowd`).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a benchmark that meets the unexpected fails"
)]

#[path = "support/rows.rs"]
#[expect(dead_code, reason = "the other benchmarks use more of it")]
mod rows;
#[path = "../tests/support/silent.rs"]
mod silent;
#[path = "support/spelling.rs"]
mod spelling;
#[path = "support/table.rs"]
mod table;

use anylog_master::{
    boot,
    config::Config,
    node::{Node, Server, ServerOptions},
    rest::{RestServer, RestSettings},
    runtime::shutdown::Shutdown,
};
use bytes::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use silent::Silent;
use std::{
    borrow::Cow,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use warp::Filter;

/// The allocator of the program, for both sides.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Time of one measurement, and how many there are of each; the median counts. Both servers are measured often and in
/// turn, so that other programs disturb them alike.
const SPAN: Duration = Duration::from_millis(250);
const ROUNDS: usize = 21;
/// How long one client is measured beside the crowd.
const CROWDED: Duration = Duration::from_secs(5);
/// Clients at the same time.
const CLIENTS: usize = 16;
/// Policies of the look-up, and of a listing of four megabytes.
const POLICIES: usize = 10_000;
const LISTED: usize = 8_600;
/// The first that is looked up, and how many are: replies have one length, because all their numbers have four digits.
const FIRST: u64 = 1_000;
const LOOKED_UP: u64 = 9_000;
/// Connections that rest between two requests, and connections that send a byte now and then.
const IDLE: usize = 10_000;
const SLOW: usize = 1_000;

/// Names the address to the second process, which holds the other ends of the connections: one has too few files.
const CROWD: &str = "REST_BENCH_CROWD";

fn main() {
    if let Ok(address) = std::env::var(CROWD) {
        return rows::runtime().block_on(crowd(address.parse().unwrap()));
    }
    let chosen: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let wanted = |name: &str| chosen.is_empty() || chosen.iter().any(|word| word == name);
    rows::runtime().block_on(async {
        table::head();
        let small = start(1).await;
        if wanted("status") {
            compare("get status/s", small, Questions::again("get status"), ">= 0.80").await;
        }
        if wanted("name") {
            let (node, kept) = (start(POLICIES).await, look_up(5_000, 0));
            let anew = Questions::Anew(AtomicU64::new(0));
            compare("get device where name = …, looked up/s", node, anew, ">= 0.70").await;
            compare("get device where name = …, kept/s", node, Questions::again(&kept), "").await;
        }
        if wanted("listing") {
            let kept = Questions::again("blockchain get *");
            compare("get * of 4 MB, kept/s", start(LISTED).await, kept, ">= 0.95").await;
        }
        if wanted("crowd") {
            let again = std::env::current_exe().unwrap();
            let mut crowd = tokio::process::Command::new(again).env(CROWD, small.to_string()).spawn().unwrap();
            assert!(crowd.wait().await.unwrap().success());
        }
    });
}

/// Starts a node with so many policies; it lives as long as the program.
async fn start(policies: usize) -> SocketAddr {
    let node: Arc<Node> = boot::node(Config::default(), Arc::new(Silent), Shutdown::new()).unwrap();
    node.ledger.attach(rows::store(policies)).await.unwrap();
    let address: anylog_master::values::ListenAddress = "127.0.0.1:0".parse().unwrap();
    let options = ServerOptions {
        external: address.clone(),
        internal: address,
        bind: true,
        configured: false,
        threads: 6,
        timeout: Duration::from_secs(20),
        tls: None,
    };
    // The crowd comes from one address.
    let settings = RestSettings { connections_per_host: IDLE + 2 * SLOW, ..RestSettings::default() };
    let server = RestServer::new(settings);
    let bound = server.start(Arc::clone(&node), options).await.unwrap().bound;
    std::mem::forget((node, server));
    bound
}

/// Starts a warp server that answers everything with these bytes, which have a type as warp's texts have.
async fn bare(body: Bytes) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer = warp::any().map(move || {
        let mut reply = warp::reply::Response::new(body.clone().into());
        reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        reply
    });
    tokio::spawn(warp::serve(answer).incoming(listener).run());
    address
}

fn request(command: &str) -> Vec<u8> {
    format!("GET / HTTP/1.1\r\nHost: node\r\nUser-Agent: AnyLog/1.23\r\ncommand: {command}\r\n\r\n").into_bytes()
}

/// Returns the look-up of a policy in one of its spellings.
fn look_up(number: u64, spelling: u64) -> String {
    spelling::look_up(&format!("\"device {number}\""), spelling)
}

/// What clients ask.
enum Questions {
    /// This request again and again. Where the reply depends on the policies alone the node keeps it until one changes.
    Again(Vec<u8>),
    /// For one policy after the other, in texts that did not come before: the node looks each up. The number of the next.
    Anew(AtomicU64),
}

impl Questions {
    fn again(command: &str) -> Self {
        Self::Again(request(command))
    }

    /// Returns the next request.
    fn next(&self) -> Cow<'_, [u8]> {
        match self {
            Self::Again(request) => Cow::Borrowed(request.as_slice()),
            Self::Anew(number) => {
                let (place, spelling) = spelling::turn(number.fetch_add(1, Ordering::Relaxed), LOOKED_UP);
                Cow::Owned(request(&look_up(FIRST + place, spelling)))
            }
        }
    }
}

/// Measures both servers in turn and prints the median of the ratios.
async fn compare(what: &str, ours: SocketAddr, questions: Questions, goal: &str) {
    let questions = Arc::new(questions);
    let mut stream = TcpStream::connect(ours).await.unwrap();
    let (_, body) = exchange(&mut stream, &questions.next()).await;
    let warp = bare(body).await;
    let mut rounds = Vec::new();
    for round in 0..ROUNDS {
        // Neither is always the one that comes after the other.
        let (bare, own) = if round % 2 == 0 {
            let bare = load(warp, &questions).await;
            (bare, load(ours, &questions).await)
        } else {
            let own = load(ours, &questions).await;
            (load(warp, &questions).await, own)
        };
        rounds.push((own / bare, own, bare));
    }
    rounds.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (ratio, own, bare) = rounds[ROUNDS / 2];
    table::row(&format!("REST: {what}: bare warp"), format!("{bare:.0}"), [""; 3], "");
    table::row(&format!("REST: {what}: ours"), format!("{own:.0}"), [""; 3], "");
    table::row(&format!("REST: {what}: ratio"), format!("{ratio:.2}"), [""; 3], goal);
}

/// Sends one request and reads its reply; returns the length of the whole reply and its body.
async fn exchange(stream: &mut TcpStream, request: &[u8]) -> (usize, Bytes) {
    stream.write_all(request).await.unwrap();
    let mut bytes = Vec::new();
    let head = loop {
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0, "closed");
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let text = std::str::from_utf8(&bytes[..head]).unwrap().to_lowercase();
    let length = text.split("content-length: ").nth(1).unwrap().split("\r\n").next().unwrap();
    let whole = head + length.parse::<usize>().unwrap();
    assert!(text.starts_with("http/1.1 200"), "{text}");
    while bytes.len() < whole {
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0, "closed");
    }
    (whole, Bytes::from(bytes).slice(head..))
}

/// Returns how many replies all clients together get in a second.
async fn load(address: SocketAddr, questions: &Arc<Questions>) -> f64 {
    let start = Instant::now();
    let clients: Vec<_> = (0..CLIENTS).map(|_| tokio::spawn(client(address, Arc::clone(questions), start))).collect();
    let mut replies = 0;
    for client in clients {
        replies += client.await.unwrap();
    }
    f64::from(replies) / start.elapsed().as_secs_f64()
}

/// Asks again and again; every reply has the length of the first.
async fn client(address: SocketAddr, questions: Arc<Questions>, start: Instant) -> u32 {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (length, _) = exchange(&mut stream, &questions.next()).await;
    let mut reply = vec![0; length];
    let mut replies = 1;
    while start.elapsed() < SPAN {
        stream.write_all(&questions.next()).await.unwrap();
        stream.read_exact(&mut reply).await.unwrap();
        replies += 1;
    }
    replies
}

/// Measures one client while a crowd holds connections.
async fn crowd(address: SocketAddr) {
    let request = request("get status");
    let mut idle = Vec::new();
    for _ in 0..IDLE {
        let mut stream = TcpStream::connect(address).await.unwrap();
        exchange(&mut stream, &request).await;
        idle.push(stream);
    }
    let slow: Vec<_> = (0..SLOW).map(|_| tokio::spawn(trickle(address))).collect();
    let mut times = Vec::new();
    let start = Instant::now();
    while start.elapsed() < CROWDED {
        let begun = Instant::now();
        let mut stream = TcpStream::connect(address).await.unwrap();
        exchange(&mut stream, &request).await;
        times.push(begun.elapsed());
    }
    slow.iter().for_each(tokio::task::JoinHandle::abort);
    times.sort();
    let p99 = times[times.len() * 99 / 100].as_secs_f64() * 1000.0;
    let what = format!("REST: one client beside {IDLE} idle, {SLOW} slow ones");
    table::row(&what, "", ["", &format!("{p99:.2}"), ""], "p99 <= 50");
}

/// Sends a header byte by byte.
async fn trickle(address: SocketAddr) {
    loop {
        let Ok(mut stream) = TcpStream::connect(address).await else { return };
        for byte in b"GET / HTTP/1.1\r\nHost: node\r\nUser-Agent: AnyLog/1.23\r\ncommand: get status\r\n" {
            if stream.write_all(&[*byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}
