//! A thousand simulated members and ten thousand policies: what their polling costs, how long a change takes to reach them
//! all, and how much memory they take.
//!
//! `cargo bench --bench members` takes ten minutes; `cargo bench --bench members -- change` measures one part (`change`,
//! `polling`, with `packed` behind it for compressed deliveries). The members live in a process of their own.

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
#[path = "support/table.rs"]
mod table;

use anylog_block::{BLOCK, Block, Header, Outgoing, ReturnAddress};
use anylog_master::{
    boot, command,
    config::{Config, Sources},
    ledger::Author,
    node::{Node, Origin, Session},
    runtime::shutdown::Shutdown,
};
use silent::Silent;
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines},
    net::{TcpListener, TcpSocket, TcpStream},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::Notify,
};

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const MEMBERS: u16 = 1000;
const POLICIES: usize = 10_000;
/// Changes that are measured; the median counts.
const CHANGES: usize = 5;
/// Time between two requests of a member, and how many rounds a minute has.
const ROUND: Duration = Duration::from_secs(30);
const ROUNDS: u32 = 2;
/// Rounds after the first ones until every member is known by its rhythm.
const KNOWN_AFTER: u32 = 2;
/// Deliveries under way at the same time where the bytes' own cost is measured.
const LANES: usize = 64;
/// Longest wait for the members.
const PATIENCE: Duration = Duration::from_secs(120);

/// What the members say of themselves.
const VERSION: &str = "EdgeLake Version: 1.4.2604";

/// Names the address of the master to the process of the members.
const MASTER: &str = "MEMBERS_BENCH_MASTER";

fn main() {
    if let Ok(address) = std::env::var(MASTER) {
        return rows::runtime().block_on(members(address.parse().unwrap()));
    }
    let chosen: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let wanted = |name: &str| chosen.is_empty() || chosen.iter().any(|word| word == name);
    rows::runtime().block_on(async {
        table::head();
        for gzip in ["off", "on"].into_iter().filter(|gzip| *gzip == "off" || wanted("packed")) {
            let mut bench = Bench::start(gzip).await;
            if wanted("change") {
                bench.change().await;
            }
            if wanted("polling") {
                bench.polling().await;
            }
            bench.end().await;
        }
    });
}

/// A master with its members.
struct Bench {
    node: Arc<Node>,
    form: &'static str,
    members: Crowd,
    next: usize,
    /// Resident memory with the ledger and its export, before anybody asked.
    before: u64,
}

impl Bench {
    async fn start(gzip: &str) -> Self {
        let process = vec![("LEDGER_GZIP".to_owned(), gzip.to_owned())];
        let config = Config::load(&Sources { process, ..Sources::default() }).unwrap();
        let node: Arc<Node> = boot::node(config, Arc::new(Silent), Shutdown::new()).unwrap();
        node.ledger.attach(rows::store(POLICIES)).await.unwrap();
        let export = node.ledger.export().await.unwrap();
        if gzip == "on" {
            node.ledger.packed(&export).await.unwrap();
        }
        let before = resident();
        let start = "run tcp server where internal_ip = 127.0.0.1 and internal_port = 0 and bind = true";
        let mut session = Session::local(Origin::Boot, Arc::clone(&node.console), "bench");
        command::run(&node, &mut session, start).await.unwrap();
        let address = node.services.peers.status().unwrap().bound;
        let form = if gzip == "on" { "packed" } else { "plain" };
        let mut bench = Self { node, form, members: Crowd::start(address).await, next: POLICIES, before };
        // A member that never asked is none.
        bench.members.poll(Duration::from_secs(2)).await;
        // The node asks each member once which program it is, and leaves nothing out for others than nodes of the network.
        for member in 0..MEMBERS {
            let address = ReturnAddress::new(host(member).to_string(), bench.members.port);
            bench.node.reference_nodes.said(&address, VERSION);
        }
        bench
    }

    /// Bytes of one delivery on the wire.
    async fn wire(&self) -> Vec<u8> {
        let export = self.node.ledger.export().await.unwrap();
        let (name, data) = match self.form {
            "packed" => {
                ("/srv/blockchain.master_id_1.new.gz", self.node.ledger.packed(&export).await.unwrap().to_vec())
            }
            _ => ("/srv/blockchain.master_id_1.new", export.to_vec()),
        };
        let header = Header { flag: 2, source: ReturnAddress::new("127.0.0.1", 1), ..Header::default() };
        let (command, data) = (format!("file write {name}"), data.into());
        let mut raw = Vec::new();
        Outgoing { header, command, data, rule: anylog_block::Rule::File }.encode(&mut raw).unwrap();
        raw
    }

    /// The time in which a change reaches all members, as a share of what the bytes take on a bare connection.
    async fn change(&mut self) {
        let wire = self.wire().await;
        let rate = self.members.stream_rate().await;
        let mut times = Vec::new();
        for _ in 0..CHANGES {
            let arrived = self.members.await_all(usize::from(MEMBERS)).await;
            self.next += 1;
            let begin = Instant::now();
            let author = Author::new("bench");
            self.node.ledger.write(rows::insert(self.next), author).await.unwrap();
            arrived.await;
            times.push(begin.elapsed());
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        times.sort();
        let (bytes, median) = (wire.len() as f64 * f64::from(MEMBERS), times[CHANGES / 2].as_secs_f64());
        let what = format!("a change reaches {MEMBERS} members, {} / stream", self.form);
        table::row(&what, format!("{:.2}", median * rate / bytes), [""; 3], "<= 1.50");
        table::row(
            &format!("  in milliseconds, of {:.0} MB", bytes / 1e6),
            format!("{:.0}", median * 1e3),
            [""; 3],
            "",
        );
    }

    /// What an idle minute of polling takes beside the bytes themselves, and the memory behind it.
    async fn polling(&mut self) {
        let wire: Arc<[u8]> = self.wire().await.into();
        // The first rounds: nobody is known yet, and everybody is sent the file. They do not wait for the last file, because a
        // round that begins later than the one before it tells the master that the members lost their rhythm.
        let begin = busy();
        for _ in 0..ROUNDS {
            self.members.ask(ROUND).await;
        }
        let polling = busy() - begin;
        for _ in 0..KNOWN_AFTER {
            self.members.ask(ROUND).await;
        }
        let (begin, sent) = (busy(), self.node.members.totals().pulled);
        for _ in 0..ROUNDS {
            self.members.ask(ROUND).await;
        }
        let (idle, sent) = (busy() - begin, self.node.members.totals().pulled - sent);
        let begin = busy();
        self.members.bare(&wire, usize::from(MEMBERS) * usize::try_from(ROUNDS).unwrap()).await;
        let bare = busy() - begin;
        let minute = (ROUND * ROUNDS).as_secs_f64();
        let percent = |time: f64| format!("{:.2}", time / minute * 100.0);
        let (polling, bare) = (polling.as_secs_f64(), bare.as_secs_f64());
        let of_idle = bare / f64::from(MEMBERS) / f64::from(ROUNDS) * sent as f64;
        let what = format!("idle minute of {MEMBERS} members, {}: % of a core", self.form);
        table::row(&what, percent(idle.as_secs_f64() - of_idle), [""; 3], "<= 2.00");
        table::row("  files that were sent in it", sent, [""; 3], "");
        table::row("  a minute in which all are sent to all", percent(polling - bare), [""; 3], "");
        table::row("  with the bytes themselves", percent(polling), [""; 3], "");
        let more = resident().saturating_sub(self.before) >> 20;
        table::row("  memory above the ledger's own, MB", more, [""; 3], "<= 64");
    }

    async fn end(self) {
        self.node.services.peers.stop().await;
        self.members.end().await;
    }
}

/// The process of the members, as the master sees it.
struct Crowd {
    process: Child,
    orders: ChildStdin,
    news: Lines<BufReader<ChildStdout>>,
    /// Where all members listen, each at an address of its own.
    port: u16,
}

impl Crowd {
    async fn start(master: SocketAddr) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.env(MASTER, master.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn().unwrap();
        let (orders, news) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        let mut news = BufReader::new(news).lines();
        let port = news.next_line().await.unwrap().unwrap().parse().unwrap();
        Self { process, orders, news, port }
    }

    async fn order(&mut self, text: &str) {
        self.orders.write_all(format!("{text}\n").as_bytes()).await.unwrap();
    }

    async fn done(&mut self) {
        let line = tokio::time::timeout(PATIENCE, self.news.next_line()).await.expect("the members answer");
        assert_eq!(line.unwrap().unwrap(), "done");
    }

    /// Has every member ask once, evenly within some time, and waits until each has its file and the time is over.
    async fn poll(&mut self, within: Duration) {
        self.order(&format!("poll {}", within.as_millis())).await;
        self.done().await;
    }

    /// Has every member ask once, evenly within some time, whatever it is sent.
    async fn ask(&mut self, within: Duration) {
        self.order(&format!("ask {}", within.as_millis())).await;
        self.done().await;
    }

    /// Returns what waits until so many files have come from now on.
    async fn await_all(&mut self, files: usize) -> impl Future<Output = ()> {
        self.order(&format!("await {files}")).await;
        // The members count from the moment in which they say so.
        self.done().await;
        self.done()
    }

    /// Returns how many bytes one connection takes in a second.
    async fn stream_rate(&mut self) -> f64 {
        const BYTES: usize = 1 << 30;
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await.unwrap();
        let (chunk, begin) = (vec![0; 32 * BLOCK], Instant::now());
        for _ in 0..BYTES / chunk.len() {
            stream.write_all(&chunk).await.unwrap();
        }
        stream.shutdown().await.unwrap();
        assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
        BYTES as f64 / begin.elapsed().as_secs_f64()
    }

    /// Sends bytes on so many connections, as bare as it can be.
    async fn bare(&self, wire: &Arc<[u8]>, files: usize) {
        let left = Arc::new(AtomicUsize::new(files));
        let lanes = (0..LANES).map(|_| {
            let (left, wire, port) = (Arc::clone(&left), Arc::clone(wire), self.port);
            tokio::spawn(async move {
                while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
                    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
                    stream.set_nodelay(true).unwrap();
                    for chunk in wire.chunks(32 * BLOCK) {
                        stream.write_all(chunk).await.unwrap();
                    }
                    stream.shutdown().await.unwrap();
                    assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
                }
            })
        });
        for lane in lanes.collect::<Vec<_>>() {
            lane.await.unwrap();
        }
    }

    async fn end(mut self) {
        drop(self.orders);
        self.process.wait().await.unwrap();
    }
}

/// Processor time of this process.
fn busy() -> Duration {
    let stat = procfs::process::Process::myself().unwrap().stat().unwrap();
    Duration::from_secs_f64((stat.utime + stat.stime) as f64 / procfs::ticks_per_second() as f64)
}

/// Resident memory of this process in bytes.
fn resident() -> u64 {
    procfs::process::Process::myself().unwrap().statm().unwrap().resident * procfs::page_size()
}

/// Files that came to the members.
#[derive(Default)]
struct Arrived {
    files: AtomicUsize,
    news: Notify,
}

impl Arrived {
    async fn reach(&self, files: usize) {
        loop {
            let news = self.news.notified();
            if self.files.load(Ordering::Acquire) >= files {
                return;
            }
            news.await;
        }
    }
}

/// Address of a member: all of them listen on one port.
fn host(number: u16) -> Ipv4Addr {
    let [high, low] = number.to_be_bytes();
    Ipv4Addr::new(127, 1, high, low)
}

/// The process of the members: does what it is told.
async fn members(master: SocketAddr) {
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let arrived = Arc::new(Arrived::default());
    tokio::spawn(accept(listener, Arc::clone(&arrived)));
    println!("{port}");
    let mut orders = BufReader::new(tokio::io::stdin()).lines();
    while let Some(order) = orders.next_line().await.unwrap() {
        let (verb, number) = order.split_once(' ').unwrap();
        let before = arrived.files.load(Ordering::Acquire);
        match verb {
            "poll" | "ask" => {
                let within = Duration::from_millis(number.parse().unwrap());
                let begin = tokio::time::Instant::now();
                for member in 0..MEMBERS {
                    tokio::time::sleep_until(begin + within * u32::from(member) / u32::from(MEMBERS)).await;
                    tokio::spawn(poll(master, member, port));
                }
                if verb == "poll" {
                    arrived.reach(before + usize::from(MEMBERS)).await;
                }
                tokio::time::sleep_until(begin + within).await;
            }
            _ => {
                println!("done");
                arrived.reach(before + number.parse::<usize>().unwrap()).await;
            }
        }
        println!("done");
    }
}

/// Asks for the ledger as members do in every round.
async fn poll(master: SocketAddr, member: u16, port: u16) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((host(member), 0).into()).unwrap();
    let mut stream = socket.connect(master).await.unwrap();
    let source = ReturnAddress::new(IpAddr::V4(host(member)).to_string(), port);
    let header = Header { info: 6, receivers: 1, partitions: 1, source, ..Header::default() };
    let mut raw = Vec::new();
    Outgoing::new(header, "event get_blockchain /srv/blockchain.new 0 0").encode(&mut raw).unwrap();
    stream.write_all(&raw).await.unwrap();
    stream.shutdown().await.unwrap();
    stream.read_to_end(&mut Vec::new()).await.unwrap();
}

/// Takes files: each connection is read to its end, the first block and the last are looked at.
async fn accept(listener: TcpListener, arrived: Arc<Arrived>) {
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let arrived = Arc::clone(&arrived);
        tokio::spawn(async move {
            let (mut chunk, mut filled, mut is_file, mut is_whole) = (vec![0; 32 * BLOCK], 0, None, false);
            loop {
                match stream.read(&mut chunk[filled..]).await.unwrap() {
                    0 => break,
                    more => filled += more,
                }
                if filled >= BLOCK {
                    let block = |at: usize| Block::decode(chunk[at..at + BLOCK].try_into().unwrap()).ok();
                    let blocks = filled / BLOCK;
                    is_file
                        .get_or_insert_with(|| block(0).is_some_and(|block| block.command.starts_with("file write")));
                    is_whole = block((blocks - 1) * BLOCK).is_some_and(|block| block.header.last);
                    chunk.copy_within(blocks * BLOCK..filled, 0);
                    filled %= BLOCK;
                }
            }
            if is_file == Some(true) && is_whole && filled == 0 {
                arrived.files.fetch_add(1, Ordering::AcqRel);
                arrived.news.notify_waiters();
            }
        });
    }
}
