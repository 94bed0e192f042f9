//! How long `get status` takes while strangers ask for everything: 50,000 policies, eight hostile queries at the same time,
//! again and again, each from an address of its own.
//!
//! `cargo bench --bench queries` prints the times of `get status` and of a look-up, alone and beside the hostile ones.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
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
    node::{Server, ServerOptions},
    rest::{RestServer, RestSettings},
    runtime::{memory, shutdown::Shutdown},
};
use silent::Silent;
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const POLICIES: usize = 50_000;
/// How long each measurement takes.
const SPAN: Duration = Duration::from_secs(10);
/// Pause of the one who is measured between two requests.
const PAUSE: Duration = Duration::from_millis(5);

/// Queries that are made to take all they can get.
fn hostile() -> [String; 8] {
    let parts = |sign: &str| (0..2400).map(|n| format!("[name] {sign} x{n}")).collect::<Vec<_>>().join(" and ");
    [
        "blockchain get * join (blockchain get *)".to_owned(),
        "blockchain get * join (blockchain get * join (blockchain get *))".to_owned(),
        "blockchain get * merge (blockchain get * where ip = [device][ip])".to_owned(),
        format!("blockchain get * where {}", parts("!=")),
        format!("blockchain get * where {} bring.count", parts("contains").replace(" and ", " or ")),
        "blockchain get * bring.table.sort [*][text] [*][name]".to_owned(),
        format!("blockchain get * bring {}", "[*][text] ".repeat(200)),
        // Another text each time, so that no kept reply answers it.
        "blockchain get * where [name] != NUMBER".to_owned(),
    ]
}

fn main() {
    let runtime = rows::runtime();
    runtime.block_on(async {
        table::head();
        let address = served().await;
        let quiet = measured(address, status).await;
        let look_up = measured(address, anew).await;
        print("get status alone", &quiet, "");
        print("look-up by name alone", &look_up, "");
        let answered = Arc::new(AtomicU64::new(0));
        let before = memory::resident().unwrap();
        let strangers: Vec<_> = (1..)
            .zip(hostile())
            .map(|(n, query)| tokio::spawn(stranger(address, n, query, Arc::clone(&answered))))
            .collect();
        let beside = measured(address, status).await;
        let grown = memory::resident().unwrap().saturating_sub(before) >> 20;
        let look_up = measured(address, anew).await;
        print("get status beside 8 hostile queries", &beside, "max <= 50");
        print("look-up by name beside 8 hostile queries", &look_up, "");
        table::row("queries: hostile ones that were answered", answered.load(Ordering::Relaxed), [""; 3], "");
        table::row("queries: more memory beside them (MB)", grown, [""; 3], "");
        strangers.iter().for_each(tokio::task::JoinHandle::abort);
    });
    runtime.shutdown_background();
}

fn status() -> String {
    "get status".to_owned()
}

/// Returns the next look-up, in a text that did not come before, so that no kept reply answers it.
fn anew() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let (place, spelling) = spelling::turn(NEXT.fetch_add(1, Ordering::Relaxed), POLICIES as u64);
    spelling::look_up(&format!("\"device {}\"", 1 + place), spelling)
}

fn print(what: &str, times: &[Duration], goal: &str) {
    let at = |part: usize| format!("{:.2}", times[(times.len() - 1) * part / 1000].as_secs_f64() * 1000.0);
    table::row(&format!("queries: {what}"), times.len(), [&at(500), &at(990), &at(1000)], goal);
}

/// Starts a node with the policies and a REST server.
async fn served() -> SocketAddr {
    let node = boot::node(Config::default(), Arc::new(Silent), Shutdown::new()).unwrap();
    node.ledger.attach(rows::store(POLICIES)).await.unwrap();
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
    let server = RestServer::new(RestSettings::default());
    let bound = server.start(Arc::clone(&node), options).await.unwrap().bound;
    std::mem::forget((node, server));
    bound
}

async fn connect(address: SocketAddr, last: u8) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, last], 0))).unwrap();
    let stream = socket.connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// Asks again and again, as a machine that watches the node does; returns the times in order.
async fn measured(address: SocketAddr, command: fn() -> String) -> Vec<Duration> {
    let mut stream = connect(address, 100).await;
    let mut times = Vec::new();
    let start = Instant::now();
    while start.elapsed() < SPAN {
        let begun = Instant::now();
        assert!(ask(&mut stream, &command()).await, "the connection stays open");
        times.push(begun.elapsed());
        tokio::time::sleep(PAUSE).await;
    }
    times.sort();
    times
}

/// Asks the same thing for ever, whatever the answer is.
async fn stranger(address: SocketAddr, number: u8, query: String, answered: Arc<AtomicU64>) {
    for round in 0.. {
        let mut stream = connect(address, number).await;
        ask(&mut stream, &query.replace("NUMBER", &format!("n{round}"))).await;
        answered.fetch_add(1, Ordering::Relaxed);
    }
}

/// Sends a request and reads its reply to the end; false when the connection ended before.
async fn ask(stream: &mut TcpStream, command: &str) -> bool {
    let request = format!("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: AnyLog/1.23\r\ncommand: {command}\r\n\r\n");
    if stream.write_all(request.as_bytes()).await.is_err() {
        return false;
    }
    let mut head = Vec::new();
    let mut buffer = vec![0; 64 * 1024];
    let (end, length) = loop {
        match stream.read(&mut buffer).await {
            Ok(read) if read > 0 => head.extend_from_slice(&buffer[..read]),
            _ => return false,
        }
        if let Some(end) = head.windows(4).position(|window| window == b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&head[..end]).to_lowercase();
            let length = text.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next()?.parse().ok());
            break (end + 4, length.unwrap_or(0_usize));
        }
    };
    let mut missing = (end + length).saturating_sub(head.len());
    while missing > 0 {
        match stream.read(&mut buffer).await {
            Ok(read) if read > 0 => missing = missing.saturating_sub(read),
            _ => return false,
        }
    }
    true
}
