//! The load generator: clients that send one request after the other, in a closed loop or at a fixed rate.
//!
//! In the closed loop every client waits for its answer before it sends again. In the open loop requests are due at a fixed rate,
//! and their times count from the moment at which they were due: a peer that stalls is charged for all that waited meanwhile.

use async_trait::async_trait;
use hdrhistogram::Histogram;
use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::sync::Semaphore;

/// Longest time that a histogram tells apart, in microseconds.
const LONGEST: u64 = 120_000_000;

/// Sends requests on a connection of its own.
#[async_trait]
pub trait Client: Send {
    /// Sends the request with a number and waits until the peer has acknowledged it.
    async fn once(&mut self, number: u64) -> Result<(), String>;

    /// Policies that one request carries; it takes as many numbers.
    fn policies(&self) -> u64 {
        1
    }
}

/// What is measured.
#[async_trait]
pub trait Peer: Send + Sync {
    /// What the tables call it.
    fn name(&self) -> String;

    /// Connects a client.
    async fn client(&self) -> Box<dyn Client>;

    /// Returns the numbers of the policies that it holds.
    async fn held(&self) -> HashSet<u64>;

    /// Tells whether it is a process that can be killed.
    fn is_process(&self) -> bool {
        false
    }

    /// Kills it without a warning and starts it again.
    async fn crash(&mut self) {}

    /// Stops its processes where they are, as far as they are its own and not those of the load generator.
    fn stand_still(&self) {}

    /// Lets them go on.
    fn go_on(&self) {}
}

/// The next number: every policy of a run has another, also in a peer that was there before.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// Lets the numbers begin behind those of every earlier run.
pub fn begin_numbers() {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    NEXT.store(seconds * 10_000_000, Ordering::Relaxed);
}

/// Takes numbers.
pub fn numbers(count: u64) -> u64 {
    NEXT.fetch_add(count, Ordering::Relaxed)
}

/// What one round measured.
pub struct Round {
    /// Policies or answers in a second.
    pub rate: f64,
    /// Microseconds of each request.
    pub times: Histogram<u64>,
    /// Numbers that the peer acknowledged.
    pub acknowledged: Vec<u64>,
    /// Why a client ended early.
    pub failures: Vec<String>,
}

/// When requests are sent.
pub enum Pace {
    /// As soon as the last one is answered.
    Closed,
    /// So many a second.
    Open {
        /// How many.
        rate: f64,
        /// One permit for each that is due and was not taken.
        due: Semaphore,
        /// How many were taken.
        taken: AtomicU64,
    },
}

impl Pace {
    /// Returns the pace of so many requests a second.
    pub const fn open(rate: f64) -> Self {
        Self::Open { rate, due: Semaphore::const_new(0), taken: AtomicU64::new(0) }
    }

    /// Begins: from now on a thread says when requests are due, where that is not up to the clients. It is a thread of its own
    /// because the timer of the runtime knows milliseconds alone.
    pub fn begin(self: &Arc<Self>, start: Instant, span: Duration, clients: usize) {
        if let Self::Open { rate, .. } = &**self {
            let (pace, rate) = (Arc::clone(self), *rate);
            std::thread::spawn(move || call(&pace, start, span, rate, clients));
        }
    }

    /// Waits for the next request and returns when it is due; nothing at the end.
    pub async fn next(&self, start: Instant, span: Duration) -> Option<Instant> {
        match self {
            Self::Closed => (start.elapsed() < span).then(Instant::now),
            Self::Open { rate, due, taken } => {
                due.acquire().await.unwrap().forget();
                let after = Duration::from_secs_f64(taken.fetch_add(1, Ordering::Relaxed) as f64 / rate);
                (after < span).then(|| start + after)
            }
        }
    }
}

/// Measures a peer with clients that send again as soon as they are answered.
pub async fn closed(peer: &dyn Peer, clients: usize, span: Duration) -> Round {
    run(connect(peer, clients).await, Pace::Closed, span).await
}

/// Measures a peer with requests that are due at a fixed rate.
pub async fn open(peer: &dyn Peer, clients: usize, span: Duration, rate: f64) -> Round {
    run(connect(peer, clients).await, Pace::open(rate), span).await
}

/// Connects clients.
pub async fn connect(peer: &dyn Peer, clients: usize) -> Vec<Box<dyn Client>> {
    let mut connected = Vec::new();
    for _ in 0..clients {
        connected.push(peer.client().await);
    }
    connected
}

/// Runs connected clients in a closed loop, so that what they measure can be disturbed meanwhile.
pub async fn run_closed(clients: Vec<Box<dyn Client>>, span: Duration) -> Round {
    run(clients, Pace::Closed, span).await
}

async fn run(clients: Vec<Box<dyn Client>>, pace: Pace, span: Duration) -> Round {
    let (pace, start, count) = (Arc::new(pace), Instant::now(), clients.len());
    pace.begin(start, span, count);
    let tasks: Vec<_> =
        clients.into_iter().map(|client| tokio::spawn(drive(client, Arc::clone(&pace), start, span))).collect();
    let mut round = Round { rate: 0.0, times: histogram(), acknowledged: Vec::new(), failures: Vec::new() };
    for task in tasks {
        let (times, acknowledged, failure) = task.await.unwrap();
        round.times.add(times).unwrap();
        round.acknowledged.extend(acknowledged);
        round.failures.extend(failure);
    }
    round.rate = round.acknowledged.len() as f64 / start.elapsed().as_secs_f64();
    round
}

/// Says when requests are due, and at the end to every client that there are no more.
fn call(pace: &Pace, start: Instant, span: Duration, rate: f64, clients: usize) {
    let Pace::Open { due, .. } = pace else { return };
    for number in 0..=(span.as_secs_f64() * rate) as u64 {
        let after = Duration::from_secs_f64(number as f64 / rate);
        std::thread::sleep(after.saturating_sub(start.elapsed()));
        due.add_permits(1);
    }
    due.add_permits(clients);
}

async fn drive(
    mut client: Box<dyn Client>,
    pace: Arc<Pace>,
    start: Instant,
    span: Duration,
) -> (Histogram<u64>, Vec<u64>, Option<String>) {
    let (mut times, mut acknowledged) = (histogram(), Vec::new());
    while let Some(due) = pace.next(start, span).await {
        let first = numbers(client.policies());
        if let Err(failure) = client.once(first).await {
            return (times, acknowledged, Some(failure));
        }
        times.saturating_record(u64::try_from(due.elapsed().as_micros()).unwrap());
        acknowledged.extend(first..first + client.policies());
    }
    (times, acknowledged, None)
}

/// Returns an empty histogram of microseconds.
pub fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LONGEST, 3).unwrap()
}
