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
use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until},
};

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

    /// Goes on behind an event; returns what the caller is told first: that policies may have changed without an event that has an
    /// id, or why it cannot go on.
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
        Ok(self.ledger_may_differ())
    }

    /// Returns what has the caller read the policies again, if it follows them. What the local copy of another master's ledger shows,
    /// and what another program changed in a SQLite file, stands in no history: nobody can be told later what it was.
    fn ledger_may_differ(&self) -> Option<Bytes> {
        self.topics.has(Topic::Policies).then(|| ApiEvent::of_view(self.node.ledger.view().len()).bytes)
    }

    /// Returns the next part of the stream, or a sign of life after a while.
    pub async fn next(&mut self) -> Bytes {
        self.next_until(Instant::now() + limits::API_SILENCE).await
    }

    /// Returns the next part of the stream, or a sign of life at a moment, however much others are told meanwhile.
    async fn next_until(&mut self, silence: Instant) -> Bytes {
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
                    // The moment first: where something happens all the time it would never be looked at.
                    tokio::select! {
                        biased;
                        () = sleep_until(silence) => return STILL_HERE,
                        _ = self.news.changed() => {}
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

    /// The ring has gone on without the stream: what it missed of the table stands in the history, and of the rest nobody knows.
    async fn fell_behind(&mut self) {
        if !self.topics.has(Topic::Policies) {
            return;
        }
        if self.at.is_none() {
            self.at = self.node.ledger.last_change().await.ok();
            self.waiting.push_back(reset(self.at, "the database is there now"));
        } else {
            self.waiting.extend(self.ledger_may_differ());
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        api::events::hub::{EventHub, SharedEvents},
        boot::unattended as node,
        ledger::{ConnectedDatabase, DatabaseTarget},
    };
    use std::{net::IpAddr, time::Duration};
    use tokio::time::timeout;

    /// Longest wait for something that has to come.
    const PATIENCE: Duration = Duration::from_secs(20);

    /// Begins a stream of a topic; nobody else looks at the node.
    async fn follow(node: &Arc<Node>, hub: &EventHub, topic: Topic, last: Option<&str>) -> Follower {
        let seat = hub.seat(IpAddr::from([192, 0, 2, 1])).unwrap();
        Follower::begin(Arc::clone(node), seat, Topics::of([topic]), last).await.unwrap()
    }

    /// Returns the name of the event that comes next.
    async fn told(follower: &mut Follower) -> String {
        let bytes = timeout(PATIENCE, follower.next()).await.expect("something is told");
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        text.lines().find_map(|line| line.strip_prefix("event: ")).unwrap_or_default().to_owned()
    }

    /// Tells of another topic than the one that is followed as fast as it is taken.
    async fn keep_busy(shared: &SharedEvents) {
        loop {
            shared.push([ApiEvent::of_state(Topic::Health, &0)]);
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn what_others_are_told_does_not_put_off_the_sign_of_life() {
        let (node, hub) = (node(), EventHub::default());
        let mut follower = follow(&node, &hub, Topic::Boot, None).await;
        assert_eq!(told(&mut follower).await, "start");
        let shared = Arc::clone(follower.seat.shared());
        let silence = Instant::now() + Duration::from_millis(20);
        let sign = tokio::select! {
            sign = timeout(PATIENCE, follower.next_until(silence)) => sign.expect("it comes all the same"),
            () = keep_busy(&shared) => panic!("it goes on"),
        };
        assert_eq!(sign, STILL_HERE);
    }

    #[tokio::test]
    async fn who_comes_back_and_who_fell_behind_reads_the_policies_again() {
        let (node, hub) = (node(), EventHub::default());
        let database = ConnectedDatabase::connect("blockchain", DatabaseTarget::Memory, None).await.unwrap();
        node.ledger.attach(database.store().unwrap()).await.unwrap();
        node.ledger.create_table().await.unwrap();
        let last = node.ledger.last_change().await.unwrap().to_string();

        let mut first = follow(&node, &hub, Topic::Policies, None).await;
        assert_eq!(told(&mut first).await, "start");
        first.seat.shared().ring().skip();
        assert_eq!(told(&mut first).await, "ledger", "what it missed may have no id");

        let mut again = follow(&node, &hub, Topic::Policies, Some(&last)).await;
        assert_eq!(told(&mut again).await, "ledger");
        let other = follow(&node, &hub, Topic::Boot, Some(&last)).await;
        assert!(other.waiting.is_empty(), "it does not follow policies: {:?}", other.waiting);
    }
}
