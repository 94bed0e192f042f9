//! The one task that looks at the node for all streams. It runs while somebody follows.

use super::{changes::SeenState, event::ApiEvent, ring::EventRing};
use crate::{
    ledger::{HistoryMark, View},
    node::Node,
    runtime::{address, limits},
};
use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};
use tokio::{
    sync::{Semaphore, watch},
    time::sleep,
};
use tokio_util::sync::CancellationToken;

/// Lines of the history that are read at once.
const LINES: i64 = 512;
/// Looks without anybody who follows before the task ends.
const PATIENCE: usize = 30;
/// Streams that read the history at the same time.
const READERS: usize = 4;

/// The events for all streams.
#[derive(Clone, Debug, Default)]
pub struct EventHub(Arc<SharedEvents>);

/// What the task and the streams share.
#[derive(Debug)]
pub struct SharedEvents {
    ring: Mutex<EventRing>,
    /// Sees the number of the event that comes next.
    news: watch::Sender<u64>,
    followers: AtomicUsize,
    /// How many of them each address has; an IPv6 address counts as its /64.
    held: Mutex<HashMap<IpAddr, usize>>,
    /// True while the task runs; nothing happens to it but under this lock.
    runs: tokio::sync::Mutex<bool>,
    /// Reading the history takes turns.
    pub turns: Semaphore,
}

/// The place of one stream, until it is dropped.
#[derive(Debug)]
pub struct Seat {
    shared: Arc<SharedEvents>,
    network: IpAddr,
}

/// Why there is no place for a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSeat {
    /// So many streams are open in all.
    #[error("{0} streams of events are open already: try again later")]
    Full(usize),
    /// So many are open from one address.
    #[error("{0} streams of events are open from this address already: end one of them")]
    FullOfOne(usize),
}

impl Default for SharedEvents {
    fn default() -> Self {
        Self {
            ring: Mutex::default(),
            news: watch::Sender::new(0),
            followers: AtomicUsize::new(0),
            held: Mutex::default(),
            runs: tokio::sync::Mutex::default(),
            turns: Semaphore::new(READERS),
        }
    }
}

impl EventHub {
    /// Gives a stream of a caller a place. It is counted from then on, so that the task does not end meanwhile.
    ///
    /// # Errors
    /// All places are taken, or all of the caller's.
    pub fn seat(&self, caller: IpAddr) -> Result<Seat, NoSeat> {
        let network = address::network_of(caller);
        let mut held = self.0.held();
        if held.values().sum::<usize>() >= limits::API_STREAMS {
            return Err(NoSeat::Full(limits::API_STREAMS));
        }
        let own = held.entry(network).or_default();
        if *own >= limits::API_STREAMS_PER_HOST {
            return Err(NoSeat::FullOfOne(*own));
        }
        *own += 1;
        self.0.followers.fetch_add(1, Ordering::AcqRel);
        Ok(Seat { shared: Arc::clone(&self.0), network })
    }

    /// Starts the task unless it runs, and returns when it knows from where on it puts changes into the ring.
    pub async fn start(&self, node: &Arc<Node>) {
        let mut runs = self.0.runs.lock().await;
        if *runs {
            return;
        }
        // The only wait comes first: a caller that leaves ends it here, and nobody would start a task that seems to run.
        let at = node.ledger.last_change().await.ok();
        *runs = true;
        self.0.ring().skip();
        let watch = HubWatch {
            node: Arc::clone(node),
            shared: Arc::clone(&self.0),
            versions: node.ledger.subscribe(),
            at,
            view: node.ledger.view(),
            seen: SeenState::default(),
            looked: None,
        };
        // The tree of tasks and not one server ends it: the servers of two ports may have streams.
        node.shutdown.spawn(watch.run(node.shutdown.token()));
    }
}

impl SharedEvents {
    /// Returns the ring.
    pub fn ring(&self) -> MutexGuard<'_, EventRing> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn held(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds events, and wakes the streams.
    pub fn push(&self, events: impl IntoIterator<Item = ApiEvent>) {
        let next = {
            let mut ring = self.ring();
            events.into_iter().for_each(|event| ring.push(event));
            ring.next()
        };
        self.news.send_if_modified(|known| std::mem::replace(known, next) != next);
    }
}

impl Seat {
    /// Returns what the streams share.
    #[must_use]
    pub const fn shared(&self) -> &Arc<SharedEvents> {
        &self.shared
    }

    /// Returns a receiver that sees that something was added to the ring.
    #[must_use]
    pub fn news(&self) -> watch::Receiver<u64> {
        self.shared.news.subscribe()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut held = self.shared.held();
        if let Entry::Occupied(mut own) = held.entry(self.network) {
            *own.get_mut() -= 1;
            if *own.get() == 0 {
                own.remove();
            }
        }
        self.shared.followers.fetch_sub(1, Ordering::AcqRel);
    }
}

/// The state of the task.
struct HubWatch {
    node: Arc<Node>,
    shared: Arc<SharedEvents>,
    versions: watch::Receiver<u64>,
    /// The last change that is in the ring; nothing while no database says.
    at: Option<HistoryMark>,
    /// What was shown at the last look.
    view: Arc<View>,
    seen: SeenState,
    looked: Option<Instant>,
}

impl HubWatch {
    async fn run(mut self, stop: CancellationToken) {
        let mut alone = 0;
        loop {
            self.versions.borrow_and_update();
            self.read_changes().await;
            if self.looked.is_none_or(|looked| looked.elapsed() >= limits::API_LOOK) {
                self.looked = Some(Instant::now());
                self.shared.push(self.seen.look(&self.node));
            }
            tokio::select! {
                changed = self.versions.changed() => if changed.is_err() { break },
                () = sleep(limits::API_LOOK) => {}
                () = stop.cancelled() => break,
            }
            alone = if self.shared.followers.load(Ordering::Acquire) > 0 { 0 } else { alone + 1 };
            if alone > PATIENCE {
                let mut runs = self.shared.runs.lock().await;
                if self.shared.followers.load(Ordering::Acquire) == 0 {
                    *runs = false;
                    return;
                }
            }
        }
        *self.shared.runs.lock().await = false;
    }

    /// Puts the changes of policies into the ring that are not there yet. What cannot be read now comes with the next look.
    async fn read_changes(&mut self) {
        let view = self.node.ledger.view();
        let Some(mut at) = self.at else {
            self.at = self.node.ledger.last_change().await.ok();
            if self.at.is_some() {
                // Changes may have been made before somebody knew where they begin: the streams look into the history.
                self.shared.ring().skip();
                self.shared.push([]);
            }
            return;
        };
        let mut found = false;
        loop {
            let Ok(lines) = self.node.ledger.lines_behind(at, LINES).await else { return };
            let Some(lines) = lines else {
                // New changes may have places that were told already, and others behind them are no continuation.
                let Ok(end) = self.node.ledger.last_change().await else { return };
                self.at = Some(end);
                self.shared.push([ApiEvent::of_other_history(end)]);
                found = true;
                break;
            };
            let is_last = lines.len() < usize::try_from(LINES).unwrap_or_default();
            if let Some(last) = lines.last() {
                at = last.mark();
                found = true;
                self.at = Some(at);
                self.shared.push(lines.iter().map(ApiEvent::of_line));
            }
            if is_last {
                break;
            }
        }
        if is_untold(&self.view, &view, found) {
            self.shared.push([ApiEvent::of_view(view.len())]);
        }
        self.view = view;
    }
}

/// Tells whether something changed between two looks that the history does not say, although it may have said something. Its lines
/// are about rows: whatever they tell, lines of the local copy are compared.
fn is_untold(before: &View, now: &View, has_lines: bool) -> bool {
    let changed = before.generation() != now.generation();
    changed && !(has_lines && local_copy(before).eq(local_copy(now)))
}

/// Returns what a view shows of the local copy alone: nothing, where a master is its own source.
fn local_copy(view: &View) -> impl Iterator<Item = (&Arc<str>, &Arc<str>)> {
    view.lines().map(|line| (&line.id, &line.text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        boot,
        ledger::{ConnectedDatabase, DatabaseTarget, LedgerEntry, Location, PolicyFields, Position},
    };
    use futures_util::FutureExt;
    use std::time::Duration;
    use tokio::time::timeout;

    /// Makes a version of the ledger with policies of the table and of the local copy, by their ids.
    fn view(version: usize, rows: &[&str], lines: &[&str]) -> View {
        let mut view = View::default();
        (0..version).for_each(|_| view.advance());
        for (location, ids) in [(Location::Table, rows), (Location::File, lines)] {
            for (sequence, id) in (1..).zip(ids) {
                let text = format!(r#"{{"device": {{"id": "{id}"}}}}"#);
                let at = Position { date: "".into(), sequence, location };
                let fields = PolicyFields::read(&text);
                view.insert(Arc::new(LedgerEntry::new(text.into(), (*id).into(), "h".into(), at, fields.as_ref())));
            }
        }
        view
    }

    #[test]
    fn what_the_history_does_not_say_is_told_beside_what_it_says() {
        let before = view(1, &["a"], &["x", "y"]);
        for (now, has_lines, expected, case) in [
            (view(1, &["a"], &["x", "y"]), false, false, "nothing changed"),
            (view(2, &["a", "b"], &["x", "y"]), true, false, "the history says it all"),
            (view(2, &["a", "b"], &["x", "y"]), false, true, "another program changed the table"),
            (view(2, &["a", "b"], &["x"]), true, true, "a line went beside it"),
            (view(2, &["a", "b"], &["x", "y", "z"]), true, true, "a line came beside it"),
            (view(2, &["a"], &["y"]), false, true, "a line alone"),
        ] {
            assert_eq!(is_untold(&before, &now, has_lines), expected, "{case}");
        }
    }

    #[tokio::test]
    async fn a_caller_that_leaves_while_the_task_starts_takes_the_events_from_nobody() {
        let (node, hub) = (boot::unattended(), EventHub::default());
        let database = ConnectedDatabase::connect("blockchain", DatabaseTarget::Memory, None).await.unwrap();
        node.ledger.attach(database.store().unwrap()).await.unwrap();
        node.ledger.create_table().await.unwrap();
        let seat = hub.seat(IpAddr::from([192, 0, 2, 1])).unwrap();
        let mut news = seat.news();
        // The database answers on a thread of its own: who looks once and leaves has not waited for it.
        let _gone = hub.start(&node).now_or_never();
        hub.start(&node).await;
        let told = timeout(Duration::from_secs(20), news.changed()).await;
        told.expect("the task looks at the node").unwrap();
    }

    #[test]
    fn no_address_takes_all_places() {
        let hub = EventHub::default();
        let from = |last: u8| IpAddr::from([192, 0, 2, last]);
        let seats: Vec<Seat> = (0..limits::API_STREAMS_PER_HOST).map(|_| hub.seat(from(1)).unwrap()).collect();
        assert_eq!(hub.seat(from(1)).unwrap_err(), NoSeat::FullOfOne(limits::API_STREAMS_PER_HOST));
        let others: Vec<Seat> = (seats.len()..limits::API_STREAMS).map(|_| hub.seat(from(2)).unwrap()).collect();
        assert_eq!(hub.seat(from(3)).unwrap_err(), NoSeat::Full(limits::API_STREAMS));
        drop((seats, others));
        assert!(hub.0.held().is_empty() && hub.0.followers.load(Ordering::Acquire) == 0);
    }
}
