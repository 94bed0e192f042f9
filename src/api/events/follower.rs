//! One stream: a place in the ring, and the place in the history up to which its caller knows the changes.

use super::{
    event::{ApiEvent, OTHER_HISTORY, STILL_HERE, Topic, Topics, reset, started},
    hub::Seat,
    ring::RingEntry,
};
use crate::{
    ledger::{self, HistoryMark},
    node::Node,
    reply::Error,
    runtime::limits,
};
use bytes::Bytes;
use std::{collections::VecDeque, sync::Arc};
use tokio::{sync::watch, time::sleep};

/// Lines of the history that a stream reads at once, and so the most that it holds.
const LINES: i64 = 64;

/// A stream of events.
pub struct Follower {
    node: Arc<Node>,
    seat: Seat,
    news: watch::Receiver<u64>,
    topics: Topics,
    /// Number of the event in the ring that comes next.
    number: u64,
    /// The last change that the caller knows; nothing while no database says.
    at: Option<HistoryMark>,
    /// True while changes come from the history.
    catches_up: bool,
    waiting: VecDeque<Bytes>,
}

impl Follower {
    /// Begins a stream: behind the event that the caller names, or now.
    ///
    /// # Errors
    /// The database is away, so that nobody knows what the caller missed: it may come again with the same id.
    pub async fn begin(node: Arc<Node>, seat: Seat, topics: Topics, last: Option<&str>) -> Result<Self, Error> {
        let (news, number) = (seat.news(), seat.shared().ring().next());
        let end = match node.ledger.last_change().await {
            Ok(end) => Some(end),
            Err(ledger::Error::NotConnected | ledger::Error::NoTable) => None,
            Err(error) => return Err(error.into()),
        };
        let mut follower = Self {
            at: end,
            catches_up: end.is_some() && topics.has(Topic::Policies),
            waiting: VecDeque::new(),
            node,
            seat,
            news,
            topics,
            number,
        };
        let first = match last.filter(|last| !last.is_empty()) {
            None => Some(started(end, follower.node.ledger.view().len())),
            Some(last) => follower.resume(last, end).await?,
        };
        follower.waiting.extend(first);
        let states = follower.seat.shared().ring().states();
        follower.tell(states);
        Ok(follower)
    }

    /// Goes on behind an event; returns what the caller is told when that is not possible.
    async fn resume(&mut self, last: &str, end: Option<HistoryMark>) -> Result<Option<Bytes>, Error> {
        let Some(end) = end else {
            return Ok(Some(reset(None, "no database keeps the history here")));
        };
        let Ok(mark) = last.parse::<HistoryMark>() else {
            return Ok(Some(reset(Some(end), "the id is none of this ledger")));
        };
        if mark.is_beginning() && !end.is_beginning() {
            // Every history has the same beginning, and not the same policies before it.
            return Ok(Some(reset(Some(end), "the id is of a ledger without changes, which need not be this one")));
        }
        if !self.node.ledger.keeps(mark).await? {
            let reason = "the history does not have this change, not any more, or another one in its place";
            return Ok(Some(reset(Some(end), reason)));
        }
        self.at = Some(mark);
        Ok(None)
    }

    /// Returns the next part of the stream, or a sign of life after a while.
    pub async fn next(&mut self) -> Bytes {
        loop {
            if let Some(bytes) = self.waiting.pop_front() {
                return bytes;
            }
            if self.catches_up {
                self.catch_up().await;
                continue;
            }
            self.news.borrow_and_update();
            let entry = self.seat.shared().ring().get(self.number);
            match entry {
                RingEntry::Event(event) => {
                    self.number += 1;
                    if let Some(bytes) = self.wanted(&event) {
                        return bytes;
                    }
                }
                RingEntry::Gone(next, states) => {
                    self.number = next;
                    self.fell_behind().await;
                    self.tell(states);
                }
                RingEntry::Later => {
                    tokio::select! {
                        biased;
                        _ = self.news.changed() => {}
                        () = sleep(limits::API_SILENCE) => return STILL_HERE,
                    }
                }
            }
        }
    }

    /// Returns an event of the ring, if the caller follows its topic and does not know it already.
    fn wanted(&mut self, event: &ApiEvent) -> Option<Bytes> {
        if !self.topics.has(event.topic) {
            return None;
        }
        if let Some(mark) = event.mark {
            if !event.restarts && self.at.is_some_and(|at| mark.place <= at.place) {
                return None;
            }
            self.at = Some(mark);
        }
        Some(event.bytes.clone())
    }

    /// The ring has gone on without the stream: what it missed stands in the history.
    async fn fell_behind(&mut self) {
        if !self.topics.has(Topic::Policies) {
            return;
        }
        if self.at.is_none() {
            self.at = self.node.ledger.last_change().await.ok();
            self.waiting.push_back(reset(self.at, "the database is there now"));
        }
        self.catches_up = self.at.is_some();
    }

    fn tell(&mut self, states: Vec<Arc<ApiEvent>>) {
        let wanted = states.into_iter().filter(|event| self.topics.has(event.topic));
        self.waiting.extend(wanted.map(|event| event.bytes.clone()));
    }

    /// Reads the next changes from the history; the stream is with the others again when there are none.
    async fn catch_up(&mut self) {
        let at = self.at.unwrap_or_default();
        let lines = {
            // The semaphore is never closed; without a turn the question is asked all the same.
            let _turn = self.seat.shared().turns.acquire().await.ok();
            self.node.ledger.lines_behind(at, LINES).await
        };
        match lines {
            Ok(Some(lines)) => {
                match lines.last() {
                    None => self.catches_up = false,
                    Some(last) => self.at = Some(last.mark()),
                }
                self.waiting.extend(lines.iter().map(|line| ApiEvent::of_line(line).bytes));
            }
            Ok(None) => match self.node.ledger.last_change().await {
                Ok(end) => {
                    (self.catches_up, self.at) = (false, Some(end));
                    self.waiting.push_back(reset(Some(end), OTHER_HISTORY));
                }
                Err(_) => self.wait().await,
            },
            Err(ledger::Error::NotConnected) => {
                // Somebody took the database away: what stands between here and the ring is not told any more.
                (self.catches_up, self.at) = (false, None);
                self.waiting.push_back(reset(None, "the database was disconnected while changes were read from it"));
            }
            Err(_) => self.wait().await,
        }
    }

    /// The database is away: nothing is lost, it comes later.
    async fn wait(&mut self) {
        sleep(limits::API_LOOK).await;
        self.waiting.push_back(STILL_HERE);
    }
}
