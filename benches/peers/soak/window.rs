//! The policies of one worker, as two numbers: those from the lowest up to the highest are in the ledger, each with its revision.
//! However long it runs, a worker remembers no more than that.

use std::collections::VecDeque;

/// Policies that each worker keeps in the ledger.
pub const POLICIES: u64 = 200;
/// Ids after which those of a worker come back.
const ROUND: u64 = 2 * POLICIES;
/// Numbers that each worker has for its ids.
const LANE: u64 = 1_000_000_000;
/// Bytes of the text of one policy.
const BYTES: usize = 400;

/// Which ids policies get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ids {
    /// Those of policies that were dropped, after a while.
    ComeBack,
    /// Always others.
    New,
}

impl Ids {
    /// What the report says of them.
    pub fn shown(self) -> String {
        match self {
            Self::ComeBack => {
                format!("Each worker has {ROUND} ids for {POLICIES} policies: devices that go come back later.")
            }
            Self::New => {
                "No id comes back: the node remembers each one that was dropped (`TOMBSTONE_DAYS`).".to_owned()
            }
        }
    }
}

/// The policies of a worker.
#[derive(Debug)]
pub struct Window {
    lane: u64,
    ids: Ids,
    lowest: u64,
    revisions: VecDeque<u32>,
}

impl Window {
    /// Returns an empty window.
    pub const fn new(lane: u64, ids: Ids) -> Self {
        Self { lane, ids, lowest: 0, revisions: VecDeque::new() }
    }

    /// Tells whether the next change is a drop: the number of policies stays what it is.
    pub fn is_full(&self) -> bool {
        self.revisions.len() as u64 > POLICIES
    }

    /// Tells whether it has what it is to begin with.
    pub fn is_filled(&self) -> bool {
        self.revisions.len() as u64 == POLICIES
    }

    /// The policy that the next insert adds.
    pub fn next(&self) -> Held {
        self.held(self.lowest + self.revisions.len() as u64, 0)
    }

    /// The policy that the next drop removes.
    pub fn oldest(&self) -> Held {
        self.at(0)
    }

    /// A policy of the window, chosen by a random number.
    pub fn any(&self, random: u64) -> Held {
        self.at(usize::try_from(random % self.revisions.len() as u64).unwrap())
    }

    /// The policy that was dropped last, if any was: its id is back only when a whole round is over.
    pub fn gone(&self) -> Option<Held> {
        Some(self.held(self.lowest.checked_sub(1)?, 0))
    }

    /// All policies that the ledger has to have.
    pub fn all(&self) -> impl Iterator<Item = Held> {
        (0..self.revisions.len()).map(|place| self.at(place))
    }

    /// Takes note that the next one is there.
    pub fn inserted(&mut self) {
        self.revisions.push_back(0);
    }

    /// Takes note that the oldest one is gone.
    pub fn dropped(&mut self) {
        self.revisions.pop_front();
        self.lowest += 1;
    }

    /// Takes note that a policy has its next revision.
    pub fn replaced(&mut self, held: &Held) {
        self.revisions[usize::try_from(held.number - self.lowest).unwrap()] = held.revision + 1;
    }

    fn at(&self, place: usize) -> Held {
        self.held(self.lowest + place as u64, self.revisions[place])
    }

    fn held(&self, number: u64, revision: u32) -> Held {
        let of_lane = match self.ids {
            Ids::ComeBack => number % ROUND,
            Ids::New => number,
        };
        Held { id: format!("d{}", self.lane * LANE + of_lane), lane: self.lane, number, revision }
    }
}

/// A policy as it has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its id, which is its name as well.
    pub id: String,
    lane: u64,
    number: u64,
    revision: u32,
}

impl Held {
    /// What its text says of itself: no other policy says the same, and no other revision.
    pub fn state(&self) -> String {
        format!("{}{}\"", self.any_state(), self.revision)
    }

    /// What the text of each of its revisions has in it.
    pub fn any_state(&self) -> String {
        format!("\"{}.{}.", self.lane, self.number)
    }

    /// What it is after the next replacement.
    pub fn next(&self) -> Self {
        Self { revision: self.revision + 1, ..self.clone() }
    }

    /// Returns its text.
    pub fn policy(&self) -> String {
        let (id, state) = (&self.id, self.state());
        let head = format!(r#"{{"device": {{"id": "{id}", "name": "{id}", "state": {state}, "text": ""#);
        let filler = "x".repeat(BYTES.saturating_sub(head.len() + 3));
        format!(r#"{head}{filler}"}}}}"#)
    }
}
