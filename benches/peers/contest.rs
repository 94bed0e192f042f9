//! Peers that take turns: round by round each of them is measured, so that a machine or a disk that does something else
//! treats all alike. The others stand still meanwhile: a node that is short of time postpones work, and it would run in their rounds.

use crate::load::{self, Peer, Round, histogram};
use hdrhistogram::Histogram;
use std::{collections::HashSet, time::Duration};

/// Time that a peer has before its round for what became due while it stood still.
const AWAKE: Duration = Duration::from_millis(250);

/// How long is measured.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Time before the first round that does not count.
    pub warm_up: Duration,
    /// Time of one round.
    pub span: Duration,
    /// Rounds.
    pub rounds: usize,
    /// Policies that one file of `apply` has.
    pub applied: u64,
    /// Starts of a node.
    pub starts: usize,
}

/// How requests follow each other.
#[derive(Clone, Copy, Debug)]
pub enum Load {
    /// As soon as the last one is answered.
    Closed,
    /// So many a second, whatever the peer does.
    Open(f64),
}

/// A median with the smallest and the largest value.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    /// The one in the middle.
    pub median: f64,
    /// The smallest.
    pub least: f64,
    /// The largest.
    pub most: f64,
}

impl Spread {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        Self { median: values[values.len() / 2], least: values[0], most: values[values.len() - 1] }
    }
}

/// What was measured of one peer.
pub struct Measured {
    /// Its name.
    pub name: String,
    /// Policies or answers a second, round by round.
    pub rates: Vec<f64>,
    /// Microseconds of the requests of all rounds.
    pub times: Histogram<u64>,
    /// Numbers that were acknowledged, before the first round too.
    pub acknowledged: Vec<u64>,
    /// Why clients ended early.
    pub failures: Vec<String>,
}

impl Measured {
    fn of(name: String) -> Self {
        Self { name, rates: Vec::new(), times: histogram(), acknowledged: Vec::new(), failures: Vec::new() }
    }

    fn take(&mut self, round: Round, counts: bool) {
        if counts {
            self.rates.push(round.rate);
            self.times.add(round.times).unwrap();
        }
        self.acknowledged.extend(round.acknowledged);
        self.failures.extend(round.failures);
    }

    /// Returns its rate.
    pub fn rate(&self) -> Spread {
        Spread::of(self.rates.clone())
    }

    /// Returns its rate as a multiple of another's, round by round.
    pub fn ratio(&self, other: &Self) -> Spread {
        Spread::of(self.rates.iter().zip(&other.rates).map(|(own, other)| own / other.max(f64::MIN_POSITIVE)).collect())
    }

    /// Returns the time, in milliseconds, within which so many percent of the requests were answered.
    pub fn within(&self, percent: f64) -> f64 {
        self.times.value_at_quantile(percent / 100.0) as f64 / 1000.0
    }

    /// Returns the longest time, in milliseconds.
    pub fn longest(&self) -> f64 {
        self.times.max() as f64 / 1000.0
    }
}

/// Measures all peers in turn.
pub async fn contest(peers: &[Box<dyn Peer>], clients: usize, load: Load, plan: Plan) -> Vec<Measured> {
    let mut all = warm_up(peers, clients, plan).await;
    rounds(peers, &mut all, clients, load, plan).await;
    all
}

/// Has each peer work for a while that does not count.
pub async fn warm_up(peers: &[Box<dyn Peer>], clients: usize, plan: Plan) -> Vec<Measured> {
    let mut all: Vec<Measured> = peers.iter().map(|peer| Measured::of(peer.name())).collect();
    for (at, measured) in all.iter_mut().enumerate() {
        let peer = alone(peers, at).await;
        measured.take(load::closed(peer, clients, plan.warm_up).await, false);
    }
    all_go_on(peers).await;
    all
}

/// Measures the rounds of all peers, which were warmed up before.
pub async fn rounds(peers: &[Box<dyn Peer>], all: &mut [Measured], clients: usize, load: Load, plan: Plan) {
    for round in 0..plan.rounds {
        for at in order(round, peers.len()) {
            let peer = alone(peers, at).await;
            let measured = match load {
                Load::Closed => load::closed(peer, clients, plan.span).await,
                Load::Open(rate) => load::open(peer, clients, plan.span, rate).await,
            };
            all[at].take(measured, true);
        }
    }
    all_go_on(peers).await;
}

/// Returns the order of a round: each begins with another peer, and every second one goes backwards, so that nobody always has the
/// same one before it and the disk as that one left it.
fn order(round: usize, peers: usize) -> impl Iterator<Item = usize> {
    (0..peers).map(move |turn| (round + if round.is_multiple_of(2) { turn } else { peers - turn }) % peers)
}

/// Has one peer go on and all others stand still.
async fn alone(peers: &[Box<dyn Peer>], at: usize) -> &dyn Peer {
    for (_, other) in peers.iter().enumerate().filter(|(place, _)| *place != at) {
        other.stand_still();
    }
    peers[at].go_on();
    tokio::time::sleep(AWAKE).await;
    &*peers[at]
}

/// Has all go on, which are counted and ended next.
async fn all_go_on(peers: &[Box<dyn Peer>]) {
    peers.iter().for_each(|peer| peer.go_on());
    tokio::time::sleep(AWAKE).await;
}

/// What a peer holds of what it acknowledged.
#[derive(Clone, Copy, Debug)]
pub struct Count {
    /// Numbers that it acknowledged.
    pub acknowledged: usize,
    /// Those that it does not hold.
    pub lost: usize,
    /// Numbers that it holds and never acknowledged.
    pub more: usize,
}

impl Count {
    /// Counts the policies of a peer.
    pub async fn of(peer: &dyn Peer, acknowledged: &[u64]) -> Self {
        let (held, told) = (peer.held().await, acknowledged.iter().copied().collect::<HashSet<u64>>());
        let lost = told.difference(&held).count();
        Self { acknowledged: told.len(), lost, more: held.difference(&told).count() }
    }

    /// Returns how tables show it.
    pub fn shown(&self) -> String {
        let Self { acknowledged, lost, more } = *self;
        match (lost, more) {
            (0, 0) => format!("all {acknowledged}"),
            (0, more) => format!("all {acknowledged}, {more} unanswered"),
            (lost, _) => format!("**{lost} of {acknowledged} lost**"),
        }
    }
}

/// Ends a peer in the middle of a round as a crash does, starts it again and counts; nothing where there is nothing to end.
pub async fn crash(peer: &mut dyn Peer, clients: usize, plan: Plan, acknowledged: &mut Vec<u64>) -> Option<Count> {
    if !peer.is_process() {
        return None;
    }
    let connected = load::connect(peer, clients).await;
    // The clients end when the peer is gone, long before their time is over.
    let round = tokio::spawn(load::run_closed(connected, plan.span * 20));
    tokio::time::sleep(plan.span / 2).await;
    peer.crash().await;
    acknowledged.extend(round.await.unwrap().acknowledged);
    Some(Count::of(peer, acknowledged).await)
}
