//! Members that join and leave all the time: each publishes its policy, asks for the ledger in rounds, follows the events for a while
//! and goes away, one in four without a goodbye.

use super::ledger_files::LedgerFiles;
use crate::{member, node::Node, postgres::port};
use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::{JoinHandle, JoinSet},
    time::{Instant, sleep, sleep_until, timeout_at},
};

/// Members that are there at the same time.
pub const PRESENT: u16 = 30;
/// Addresses of each place: so many others came before a member is back.
const TURNS: u16 = 10;
/// Time between two requests for the ledger.
const ROUND: Duration = Duration::from_secs(10);
/// Fewest rounds of a member, and how many more some have.
const ROUNDS: (u64, u64) = (2, 5);
/// One in so many goes without a goodbye.
const SILENT: u64 = 4;
/// One in so many reads its events slowly.
const SLOW: u64 = 5;
/// Pause of a slow reader.
const PAUSE: Duration = Duration::from_secs(1);
/// Time between the first members.
const APART: Duration = Duration::from_millis(200);

/// What members did, in numbers.
#[derive(Debug, Default)]
struct Counts {
    joined: AtomicU64,
    silent: AtomicU64,
    /// Requests for the ledger, since all policies are there, of members that do not break off.
    asked: AtomicU64,
    /// Whole files that came to these since then.
    answered: AtomicU64,
    files: LedgerFiles,
    event_bytes: AtomicU64,
    /// What went wrong for members; that they break off is none of it.
    failures: AtomicU64,
}

/// What members did, as the verdict and the report have it.
pub struct Attendance {
    /// What failed.
    pub failures: u64,
    /// Files that were not what the ledger is.
    pub damaged: u64,
    /// Files that came for each request.
    pub served: f64,
    /// All of it, in words.
    pub shown: String,
}

/// The places in which members come and go.
pub struct Crowd {
    places: Vec<JoinHandle<()>>,
    counts: Arc<Counts>,
    present: Arc<AtomicUsize>,
}

/// Where members find the node, and the port on which each listens at its own address.
#[derive(Clone, Copy)]
struct Network {
    tcp: SocketAddr,
    rest: SocketAddr,
    port: u16,
}

impl Crowd {
    /// Has members come.
    pub fn start(node: &Node) -> Self {
        let network = Network { tcp: node.tcp(), rest: node.rest(), port: port::free() };
        let (counts, present) = (Arc::new(Counts::default()), Arc::new(AtomicUsize::new(0)));
        let place = |number| tokio::spawn(come_and_go(network, number, Arc::clone(&counts), Arc::clone(&present)));
        Self { places: (0..PRESENT).map(place).collect(), counts, present }
    }

    /// Returns the number of those that are there.
    pub fn present(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.present)
    }

    /// Takes note that all policies are there: from now on it counts whether members get the ledger.
    pub fn begin(&self) {
        self.counts.files.begin();
    }

    /// Has all go, and says what they did.
    pub fn end(self) -> Attendance {
        self.places.iter().for_each(JoinHandle::abort);
        let Counts { joined, silent, asked, answered, files, event_bytes, failures } = &*self.counts;
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let megabytes = |count: &AtomicU64| of(count) / 1_000_000;
        let shown = format!(
            "{} times a member joined, {PRESENT} were there at a time; {} left without a goodbye. They took {} files ({} MB), of which \
             {} were looked at line by line, and {} MB of events; {} times something of it failed. Those that do not break off asked {} \
             times for the ledger beside the open loop, and got {} files.",
            of(joined),
            of(silent),
            of(&files.whole),
            megabytes(&files.bytes),
            of(&files.looked_at),
            megabytes(event_bytes),
            of(failures),
            of(asked),
            of(answered)
        );
        // A crowd in which nobody asks has nothing to show for itself.
        let served = of(answered) as f64 / of(asked).max(1) as f64;
        Attendance { failures: of(failures), damaged: of(&files.damaged), served, shown }
    }
}

/// One place: a member after the other.
async fn come_and_go(network: Network, place: u16, counts: Arc<Counts>, present: Arc<AtomicUsize>) {
    sleep(APART * u32::from(place)).await;
    for turn in 0.. {
        let number = place + PRESENT * u16::try_from(turn % u64::from(TURNS)).unwrap();
        counts.joined.fetch_add(1, Ordering::Relaxed);
        present.fetch_add(1, Ordering::Relaxed);
        let life = Life { network, host: member::host(number), number: turn * 7 + u64::from(place), counts: &counts };
        if let Err(error) = life.live().await {
            if counts.failures.fetch_add(1, Ordering::Relaxed) < 10 {
                eprintln!("member {}: {error}", life.host);
            }
            sleep(PAUSE).await;
        }
        present.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The time that a member is there.
struct Life<'a> {
    network: Network,
    host: Ipv4Addr,
    number: u64,
    counts: &'a Arc<Counts>,
}

impl Life<'_> {
    /// Joins, stays and leaves. Without a goodbye the policy stays, files that are on their way break off, and the stream of events
    /// ends in the middle.
    async fn live(&self) -> io::Result<()> {
        let Network { port, .. } = self.network;
        let listener = TcpListener::bind((self.host, port)).await?;
        let mut listening = JoinSet::new();
        listening.spawn(accept(listener, self.is_silent(), Arc::clone(self.counts)));
        let id = self.host.to_string().replace('.', "-");
        let policy = format!(
            r#"{{"query": {{"id": "{id}", "name": "{id}", "company": "soak", "ip": "{}", "port": {port}, "rest_port": {port}}}}}"#,
            self.host
        );
        self.say(&format!("blockchain push ignore {policy}")).await?;
        let rounds = ROUNDS.0 + self.number % ROUNDS.1;
        let end = Instant::now() + ROUND * u32::try_from(rounds).unwrap();
        if self.is_silent() {
            self.counts.silent.fetch_add(1, Ordering::Relaxed);
            return tokio::select! {
                ended = self.ask(end) => ended,
                ended = self.follow(end + ROUND) => ended,
            };
        }
        let (asked, followed) = tokio::join!(self.ask(end), self.follow(end - ROUND));
        asked.and(followed)?;
        self.say(&format!("blockchain drop policy where id = {id}")).await
    }

    /// Tells whether it goes without a goodbye.
    fn is_silent(&self) -> bool {
        self.number.is_multiple_of(SILENT)
    }

    async fn say(&self, command: &str) -> io::Result<()> {
        member::send(self.network.tcp, self.host, self.network.port, command).await
    }

    /// Asks for the ledger in every round.
    async fn ask(&self, end: Instant) -> io::Result<()> {
        let mut next = Instant::now();
        while next < end {
            self.say(member::POLL).await?;
            if self.counts.files.has_begun() && !self.is_silent() {
                self.counts.asked.fetch_add(1, Ordering::Relaxed);
            }
            next += ROUND;
            sleep_until(next).await;
        }
        Ok(())
    }

    /// Follows the events for a while.
    async fn follow(&self, end: Instant) -> io::Result<()> {
        let mut stream = member::connect(self.network.rest, self.host).await?;
        let request = "GET /v1/events?topics=policies,members HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
        stream.write_all(request.as_bytes()).await?;
        let mut chunk = vec![0; 1 << 14];
        while let Ok(read) = timeout_at(end, stream.read(&mut chunk)).await {
            let _ = match read? {
                0 => return Err(io::Error::other("the stream of events ended")),
                bytes => self.counts.event_bytes.fetch_add(bytes as u64, Ordering::Relaxed),
            };
            if self.number.is_multiple_of(SLOW) {
                sleep_until(end.min(Instant::now() + PAUSE)).await;
            }
        }
        Ok(())
    }
}

/// Takes what the node sends. Whoever drops the set of this task ends every connection.
async fn accept(listener: TcpListener, is_silent: bool, counts: Arc<Counts>) {
    let mut taking = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        while taking.try_join_next().is_some() {}
        let counts = Arc::clone(&counts);
        taking.spawn(async move {
            if counts.files.take(stream).await && counts.files.has_begun() && !is_silent {
                counts.answered.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
}
