//! A worker: one request after the other through its door, each checked against what its window says.

use super::{
    kind::{Kind, Work},
    road::Road,
    times::Times,
    window::{Held, Ids, Window},
};
use crate::{
    load::Pace,
    node::{Door, Node},
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// Look-ups among ten requests.
pub const LOOK_UPS: u64 = 7;
/// One look-up in so many is for a policy that was dropped.
const GONE: u64 = 16;
/// Pause after a failure, so that a node that is away is not asked without an end.
const PAUSE: Duration = Duration::from_millis(100);
/// Longest wait until a node says what became of a change.
const PATIENCE: Duration = Duration::from_secs(120);

/// A worker with its door and its policies.
pub struct Worker {
    door: Door,
    road: Road,
    window: Window,
    random: u64,
    times: Arc<Times>,
    tally: Tally,
}

/// What a worker did, in numbers.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Changes of each work that the node acknowledged.
    pub acknowledged: [u64; Work::ALL.len()],
    /// Changes whose answer did not come, and of which it was looked up what became of them.
    pub unanswered: [u64; Work::ALL.len()],
    /// Look-ups that showed another policy than the one that had been acknowledged.
    pub wrong: u64,
}

impl Tally {
    /// Adds what another worker did.
    pub fn add(&mut self, other: &Self) {
        for work in Work::ALL {
            self.acknowledged[work as usize] += other.acknowledged[work as usize];
            self.unanswered[work as usize] += other.unanswered[work as usize];
        }
        self.wrong += other.wrong;
    }
}

impl Worker {
    /// Connects a worker.
    pub async fn connect(node: &Node, lane: u64, door: Door, ids: Ids, times: Arc<Times>) -> Self {
        let (road, window) = (Road::open(node, door).await, Window::new(lane, ids));
        Self { door, road, window, random: 0x9E37_79B9 + lane, times, tally: Tally::default() }
    }

    /// Adds the policies that it begins with.
    pub async fn fill(mut self) -> Self {
        while !self.window.is_filled() {
            self.request(Work::Insert, Instant::now()).await;
        }
        self
    }

    /// Works until the time is over.
    pub async fn work(mut self, pace: Arc<Pace>, start: Instant, span: Duration) -> Self {
        while let Some(due) = pace.next(start, span).await {
            let work = match self.random() % 10 {
                0..LOOK_UPS => Work::LookUp,
                LOOK_UPS => Work::Replace,
                _ if self.window.is_full() => Work::Drop,
                _ => Work::Insert,
            };
            self.request(work, due).await;
        }
        self
    }

    /// Returns what it did and what the ledger has to have of it.
    pub fn end(self) -> (Tally, Window) {
        (self.tally, self.window)
    }

    /// Sends one request; its time counts from the moment at which it was due.
    async fn request(&mut self, work: Work, due: Instant) {
        let outcome = match work {
            Work::LookUp => self.look_up().await,
            _ => self.change(work).await,
        };
        let kind = Kind { work, door: self.door };
        match outcome {
            Ok(()) => self.times.record(kind, due.elapsed()),
            Err(failure) => {
                self.times.failed(kind, &failure);
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    async fn look_up(&mut self) -> Result<(), String> {
        let random = self.random();
        let gone = self.window.gone().filter(|_| random.is_multiple_of(GONE));
        let wanted = gone.is_none();
        let held = gone.unwrap_or_else(|| self.window.any(random / GONE));
        let text = if wanted { held.state() } else { held.any_state() };
        if self.road.shows(&held.id, &text).await? == wanted {
            return Ok(());
        }
        self.tally.wrong += 1;
        let said = if wanted { "was acknowledged and is not there" } else { "was dropped and is there" };
        Err(format!("{} with {text} {said}", held.id))
    }

    async fn change(&mut self, work: Work) -> Result<(), String> {
        let held = match work {
            Work::Insert => self.window.next(),
            Work::Drop => self.window.oldest(),
            Work::Replace | Work::LookUp => {
                let random = self.random();
                self.window.any(random)
            }
        };
        let answer = match work {
            Work::Insert => self.road.insert(&held).await,
            Work::Drop => self.road.drop(&held).await,
            Work::Replace | Work::LookUp => self.road.replace(&held).await,
        };
        let is_made = match &answer {
            Ok(()) => true,
            Err(_) => self.became(work, &held).await?,
        };
        if answer.is_err() {
            self.tally.unanswered[work as usize] += 1;
        } else {
            self.tally.acknowledged[work as usize] += 1;
        }
        if is_made {
            self.note(work, &held);
        }
        answer
    }

    fn note(&mut self, work: Work, held: &Held) {
        match work {
            Work::Insert => self.window.inserted(),
            Work::Drop => self.window.dropped(),
            Work::Replace => self.window.replaced(held),
            Work::LookUp => {}
        }
    }

    /// Looks up what became of a change without a good answer.
    async fn became(&mut self, work: Work, held: &Held) -> Result<bool, String> {
        let begin = Instant::now();
        loop {
            let state = if work == Work::Replace { held.next().state() } else { held.state() };
            match self.road.shows(&held.id, &state).await {
                Ok(there) => return Ok(there != (work == Work::Drop)),
                Err(error) if begin.elapsed() > PATIENCE => return Err(format!("the node is gone: {error}")),
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    /// Returns the next number of a sequence that looks like chance and is the same in every run (xorshift).
    fn random(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }
}
