//! Which connections are open: their limits, room for new ones, and the order of the messages of one sender
//! (reference/tcp-protocol 15.5, 15.7).
//!
//! Everything is counted for each address, and who takes the most makes room first: a connection that has not sent its
//! whole message yet is closed for a newcomer, the slowest one of the address with the most of them. So nobody shuts out
//! others, however many connections it opens and however little it sends on them. The addresses of a /64 of IPv6 count
//! as one: whoever has one of them has them all.

use crate::{
    peer::Error,
    runtime::{address::network_of, limits},
};
use anylog_block::ReturnAddress;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{AcquireError, Notify, OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout, timeout_at},
};
use tokio_util::sync::CancellationToken;

/// How much all connections, and those of one address, may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Connections open at the same time.
    pub connections: usize,
    /// Connections open at the same time from one address.
    pub of_host: usize,
    /// Blocks of messages that are read or handled.
    pub blocks: usize,
    /// The same for one address.
    pub blocks_of_host: usize,
    /// Age from which on an unfinished message has to make room for the blocks of others.
    pub slow: Duration,
    /// Time that a message waits for its place among those that are answered, or looked up, at the same time.
    pub patience: Duration,
}

/// A place among the messages for which something is done at the same time: one of its address, and one of all.
/// Dropping it makes room for another.
pub type SharedPlace = [OwnedSemaphorePermit; 2];

/// Admits connections up to a limit and keeps them in the order in which they came.
#[derive(Debug)]
pub struct ConnectionLimiter {
    state: Mutex<LimiterState>,
    capacity: Capacity,
    /// Places for questions that are answered.
    questions: Arc<Semaphore>,
    /// Places for names that are looked up.
    lookups: Arc<Semaphore>,
}

#[derive(Debug, Default)]
struct LimiterState {
    next: u64,
    open: usize,
    blocks: usize,
    hosts: HashMap<IpAddr, HostConnections>,
}

/// The connections of one address.
#[derive(Debug)]
struct HostConnections {
    connections: BTreeMap<u64, OpenConnection>,
    /// Those whose message is not complete, the slowest first.
    unfinished: BTreeSet<u64>,
    blocks: usize,
    changed: Arc<Notify>,
    questions: Arc<Semaphore>,
    lookups: Arc<Semaphore>,
}

#[derive(Debug)]
struct OpenConnection {
    /// Its own address, by which messages of one sender are told from those of its neighbours.
    address: IpAddr,
    since: Instant,
    stage: Stage,
    blocks: usize,
    eviction: CancellationToken,
}

/// How far a connection is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    /// No block came yet.
    Silent,
    /// The sender is known; later blocks are due.
    Unfinished(ReturnAddress),
    /// The message is complete since then; later messages of the same sender wait.
    Ready(ReturnAddress, Instant),
    /// No later message waits for it.
    Unordered,
}

/// What holds the message of a connection up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Obstacle {
    /// An earlier message of the same sender is not done.
    EarlierMessage,
    /// An earlier connection may become such a message; it is waited for until then.
    Until(Instant),
}

/// The place of an admitted connection; dropping it makes room for another.
#[derive(Debug)]
pub struct ConnectionPermit {
    limiter: Arc<ConnectionLimiter>,
    host: IpAddr,
    number: u64,
    eviction: CancellationToken,
    changed: Arc<Notify>,
}

impl ConnectionLimiter {
    /// Creates a limiter.
    #[must_use]
    pub fn new(capacity: Capacity) -> Arc<Self> {
        let questions = Arc::new(Semaphore::new(limits::PEER_QUESTIONS));
        let lookups = Arc::new(Semaphore::new(limits::PEER_LOOKUPS));
        Arc::new(Self { state: Mutex::default(), capacity, questions, lookups })
    }

    /// Returns how many connections are open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.state().open
    }

    /// Admits a connection. When there is no room, one that has not sent its whole message makes it: the slowest of the
    /// address with the most of them. When there is none, the new one is not admitted.
    ///
    /// Some places are kept for those that `is_trusted` tells: it is asked when the others are taken.
    #[must_use]
    pub fn admit(self: &Arc<Self>, host: IpAddr, is_trusted: impl FnOnce() -> bool) -> Option<ConnectionPermit> {
        let (address, host) = (host.to_canonical(), network_of(host));
        let kept = self.capacity.connections / limits::PEER_KEPT_SHARE;
        let is_tight = |open| open >= self.capacity.connections.saturating_sub(kept);
        // Asked outside of the lock: it looks at the ledger.
        let room = if is_tight(self.open()) && !is_trusted() {
            self.capacity.connections.saturating_sub(kept)
        } else {
            self.capacity.connections
        };
        let mut state = self.state();
        if state.hosts.get(&host).is_some_and(|of_host| of_host.connections.len() >= self.capacity.of_host) {
            state.evict(host)?;
        } else if state.open >= room {
            let largest = state.most_unfinished()?;
            state.evict(largest)?;
        }
        let (number, eviction) = (state.next, CancellationToken::new());
        state.next = number.saturating_add(1);
        state.open = state.open.saturating_add(1);
        let of_host = state.hosts.entry(host).or_insert_with(HostConnections::new);
        let changed = Arc::clone(&of_host.changed);
        let (since, stage) = (Instant::now(), Stage::Silent);
        let connection = OpenConnection { address, since, stage, blocks: 0, eviction: eviction.clone() };
        of_host.connections.insert(number, connection);
        of_host.unfinished.insert(number);
        drop(state);
        Some(ConnectionPermit { limiter: Arc::clone(self), host, number, eviction, changed })
    }

    /// Closes an unfinished connection of the address with the most of them, because the system has no room for another.
    pub fn make_room(&self) {
        let mut state = self.state();
        // When none is unfinished, those that work end soon by themselves.
        if let Some(largest) = state.most_unfinished() {
            let _ = state.evict(largest);
        }
    }

    fn state(&self) -> MutexGuard<'_, LimiterState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HostConnections {
    fn new() -> Self {
        Self {
            connections: BTreeMap::new(),
            unfinished: BTreeSet::new(),
            blocks: 0,
            changed: Arc::default(),
            questions: Arc::new(Semaphore::new(limits::PEER_QUESTIONS_OF_HOST)),
            lookups: Arc::new(Semaphore::new(limits::PEER_LOOKUPS_OF_HOST)),
        }
    }

    /// Returns what a connection has to wait for; nothing when it is its turn.
    fn obstacle(&self, number: u64) -> Option<Obstacle> {
        let me = self.connections.get(&number)?;
        let Stage::Ready(sender, ready) = &me.stage else { return None };
        let now = Instant::now();
        let mut until = None;
        for (_, earlier) in self.connections.range(..number).filter(|(_, earlier)| earlier.address == me.address) {
            let patience = match &earlier.stage {
                Stage::Ready(other, _) if other == sender => return Some(Obstacle::EarlierMessage),
                // It may turn out to be of the same sender.
                Stage::Silent => earlier.since + limits::PEER_ORDER_TIME,
                // Senders close a connection before they open the next: what is late now is no earlier message of theirs.
                Stage::Unfinished(other) if other == sender => *ready + limits::PEER_ORDER_TIME,
                _ => continue,
            };
            if patience > now {
                until = until.max(Some(patience));
            }
        }
        until.map(Obstacle::Until)
    }
}

impl LimiterState {
    fn connection(&mut self, host: IpAddr, number: u64) -> Option<&mut OpenConnection> {
        self.hosts.get_mut(&host)?.connections.get_mut(&number)
    }

    /// Returns the address with the most unfinished connections.
    fn most_unfinished(&self) -> Option<IpAddr> {
        let with_some = self.hosts.iter().filter(|(_, host)| !host.unfinished.is_empty());
        with_some.max_by_key(|(_, host)| host.unfinished.len()).map(|(address, _)| *address)
    }

    /// Returns the address that holds the most blocks.
    fn most_blocks(&self) -> Option<IpAddr> {
        self.hosts.iter().max_by_key(|(_, host)| host.blocks).map(|(address, _)| *address)
    }

    /// Closes the slowest unfinished connection of an address.
    fn evict(&mut self, host: IpAddr) -> Option<()> {
        let number = self.hosts.get(&host)?.unfinished.first().copied()?;
        self.close(host, number)
    }

    /// Closes the slowest unfinished connection of an address that holds blocks, when it is slow, but for one.
    fn evict_holder(&mut self, host: IpAddr, but: u64, slow: Duration) -> Option<()> {
        let of_host = self.hosts.get(&host)?;
        let is_slow = |connection: &OpenConnection| connection.blocks > 0 && connection.since.elapsed() >= slow;
        let holds = |number: &&u64| **number != but && of_host.connections.get(number).is_some_and(is_slow);
        let number = of_host.unfinished.iter().find(holds).copied()?;
        self.close(host, number)
    }

    fn close(&mut self, host: IpAddr, number: u64) -> Option<()> {
        self.remove(host, number)?.eviction.cancel();
        Some(())
    }

    fn remove(&mut self, host: IpAddr, number: u64) -> Option<OpenConnection> {
        let of_host = self.hosts.get_mut(&host)?;
        let connection = of_host.connections.remove(&number)?;
        of_host.unfinished.remove(&number);
        of_host.blocks = of_host.blocks.saturating_sub(connection.blocks);
        of_host.changed.notify_waiters();
        if of_host.connections.is_empty() {
            self.hosts.remove(&host);
        }
        self.blocks = self.blocks.saturating_sub(connection.blocks);
        self.open = self.open.saturating_sub(1);
        Some(connection)
    }

    /// Takes one block for a connection: true when there was room, or when a slow one made it.
    fn take_block(&mut self, capacity: &Capacity, host: IpAddr, number: u64) -> bool {
        let held = self.hosts.get(&host).map_or(0, |of_host| of_host.blocks);
        let is_free = (held < capacity.blocks_of_host || self.evict_holder(host, number, capacity.slow).is_some())
            && (self.blocks < capacity.blocks
                || self
                    .most_blocks()
                    .is_some_and(|largest| self.evict_holder(largest, number, capacity.slow).is_some()));
        if is_free
            && let Some(of_host) = self.hosts.get_mut(&host)
            && let Some(connection) = of_host.connections.get_mut(&number)
        {
            connection.blocks = connection.blocks.saturating_add(1);
            of_host.blocks = of_host.blocks.saturating_add(1);
            self.blocks = self.blocks.saturating_add(1);
        }
        is_free
    }
}

impl ConnectionPermit {
    /// Notes who the sender is: the first block came.
    pub fn set_sender(&self, sender: &ReturnAddress) {
        self.set_stage(Stage::Unfinished(sender.clone()));
    }

    /// Notes that the message is complete: the connection makes room for nobody any more.
    pub fn set_complete(&self) {
        let mut state = self.limiter.state();
        if let Some(connection) = state.connection(self.host, self.number)
            && let Stage::Unfinished(sender) = connection.stage.clone()
        {
            connection.stage = Stage::Ready(sender, Instant::now());
        }
        self.finish(&mut state);
    }

    /// Notes that the message is one that this node waits for: it makes room for nobody, and no message waits for it.
    pub fn set_awaited(&self) {
        self.release_order();
        self.finish(&mut self.limiter.state());
    }

    /// Lets later messages of the same sender pass.
    pub fn release_order(&self) {
        self.set_stage(Stage::Unordered);
    }

    /// Takes room for one more block of the message; waits for it while other messages are read or handled.
    ///
    /// # Errors
    /// [`Error::Memory`] when there is none in time.
    pub async fn take_block(&self) -> Result<(), Error> {
        let until = Instant::now() + limits::PEER_BLOCK_TIME;
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if self.limiter.state().take_block(&self.limiter.capacity, self.host, self.number) {
                return Ok(());
            }
            // What others hold is free without a word to this address, so it is looked for again after a moment.
            let next = until.min(Instant::now() + limits::PEER_ROOM_LOOK);
            if timeout_at(next, changed).await.is_err() && Instant::now() >= until {
                return Err(Error::Memory(self.limiter.capacity.blocks));
            }
        }
    }

    /// Gives back what the message held: it is not kept.
    pub fn give_blocks_back(&self) {
        let mut state = self.limiter.state();
        let held =
            state.connection(self.host, self.number).map_or(0, |connection| std::mem::take(&mut connection.blocks));
        state.blocks = state.blocks.saturating_sub(held);
        if let Some(of_host) = state.hosts.get_mut(&self.host) {
            of_host.blocks = of_host.blocks.saturating_sub(held);
        }
    }

    /// Waits until the earlier messages of the same sender are done.
    pub async fn wait_for_turn(&self) {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let obstacle = self.limiter.state().hosts.get(&self.host).and_then(|host| host.obstacle(self.number));
            match obstacle {
                None => return,
                Some(Obstacle::EarlierMessage) => changed.await,
                // When the time is over, as after a change, the obstacle is looked for again.
                Some(Obstacle::Until(until)) => drop(timeout_at(until, changed).await),
            }
        }
    }

    /// Waits for a place among the questions that are answered at the same time, for all and for this address.
    ///
    /// # Errors
    /// [`Error::Crowded`] when there is none in time.
    pub async fn wait_for_question(&self) -> Result<SharedPlace, Error> {
        let of_host = self.of_host(|host| &host.questions)?;
        self.wait_for_place(of_host, &self.limiter.questions, "the questions that are answered").await
    }

    /// Waits for a place among the names that are looked up at the same time, for all and for this address.
    ///
    /// # Errors
    /// [`Error::Crowded`] when there is none in time.
    pub async fn wait_for_lookup(&self) -> Result<SharedPlace, Error> {
        let of_host = self.of_host(|host| &host.lookups)?;
        self.wait_for_place(of_host, &self.limiter.lookups, "the names that are looked up").await
    }

    /// Returns the places of this address; a connection that made room for another has none.
    fn of_host(&self, places: fn(&HostConnections) -> &Arc<Semaphore>) -> Result<Arc<Semaphore>, Error> {
        let state = self.limiter.state();
        state.hosts.get(&self.host).map(|host| Arc::clone(places(host))).ok_or(Error::Evicted)
    }

    /// Waits for a place of this address, and then for one of all. Nobody waits longer than a sender does: what waits
    /// holds a connection, of which others may need one.
    async fn wait_for_place(
        &self,
        of_host: Arc<Semaphore>,
        of_all: &Arc<Semaphore>,
        what: &'static str,
    ) -> Result<SharedPlace, Error> {
        let limit = self.limiter.capacity.patience;
        let place = async {
            let of_host = of_host.acquire_owned().await?;
            Ok::<_, AcquireError>([of_host, Arc::clone(of_all).acquire_owned().await?])
        };
        match timeout(limit, place).await {
            // Nobody ever closes the places.
            Ok(place) => place.map_err(|_| Error::Evicted),
            Err(_) => Err(Error::Crowded { what, limit }),
        }
    }

    /// Tells whether no block came yet.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        let mut state = self.limiter.state();
        state.connection(self.host, self.number).is_none_or(|connection| connection.stage == Stage::Silent)
    }

    /// Waits until this connection has to make room for another.
    pub async fn evicted(&self) {
        self.eviction.cancelled().await;
    }

    fn set_stage(&self, stage: Stage) {
        if let Some(connection) = self.limiter.state().connection(self.host, self.number) {
            connection.stage = stage;
        }
        self.changed.notify_waiters();
    }

    /// Takes the connection out of those that make room.
    fn finish(&self, state: &mut LimiterState) {
        if let Some(of_host) = state.hosts.get_mut(&self.host) {
            of_host.unfinished.remove(&self.number);
        }
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        // One that was evicted is gone already.
        let _ = self.limiter.state().remove(self.host, self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const HOST: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
    const OTHER: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2));
    const THIRD: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 3));

    fn limiter(connections: usize, of_host: usize) -> Arc<ConnectionLimiter> {
        let (slow, patience) = (Duration::ZERO, Duration::ZERO);
        ConnectionLimiter::new(Capacity { connections, of_host, blocks: 10, blocks_of_host: 6, slow, patience })
    }

    fn admit(limiter: &Arc<ConnectionLimiter>, host: IpAddr) -> Option<ConnectionPermit> {
        limiter.admit(host, || true)
    }

    fn sender(port: u16) -> ReturnAddress {
        ReturnAddress::new("10.0.0.1", port)
    }

    /// Makes the message of a connection complete.
    fn complete(permit: &ConnectionPermit, port: u16) {
        permit.set_sender(&sender(port));
        permit.set_complete();
    }

    async fn waits(permit: &ConnectionPermit) -> bool {
        timeout(Duration::from_millis(1), permit.wait_for_turn()).await.is_err()
    }

    async fn is_evicted(permit: &ConnectionPermit) -> bool {
        timeout(Duration::from_millis(1), permit.evicted()).await.is_ok()
    }

    #[tokio::test]
    async fn the_slowest_unfinished_connection_of_the_largest_address_makes_room() {
        let limiter = limiter(4, 4);
        let alone = admit(&limiter, OTHER).unwrap();
        let many: Vec<_> = (0..3).map(|_| admit(&limiter, HOST).unwrap()).collect();
        many.iter().for_each(|permit| permit.set_sender(&sender(1)));
        let fifth = admit(&limiter, THIRD).unwrap();
        assert!(is_evicted(&many[0]).await && !is_evicted(&many[1]).await && !is_evicted(&alone).await);
        for permit in [&alone, &fifth, &many[1], &many[2]] {
            complete(permit, 2);
        }
        assert!(admit(&limiter, OTHER).is_none(), "all are handled");
        drop(fifth);
        assert!(admit(&limiter, OTHER).is_some());
        assert_eq!(limiter.open(), 3);
    }

    #[tokio::test]
    async fn one_address_cannot_take_the_room_of_others() {
        let limiter = limiter(3, 2);
        let permits: Vec<_> = (0..2).map(|_| admit(&limiter, HOST).unwrap()).collect();
        permits.iter().for_each(|permit| complete(permit, 1));
        assert!(admit(&limiter, HOST).is_none());
        assert!(admit(&limiter, OTHER).is_some());
    }

    #[tokio::test]
    async fn some_places_are_kept_for_who_is_trusted() {
        let limiter = limiter(2 * limits::PEER_KEPT_SHARE, 100);
        let all: Vec<_> = std::iter::from_fn(|| {
            let permit = limiter.admit(HOST, || false)?;
            complete(&permit, 1);
            Some(permit)
        })
        .collect();
        assert_eq!(all.len(), 2 * limits::PEER_KEPT_SHARE - 2);
        let kept = [admit(&limiter, OTHER).unwrap(), admit(&limiter, OTHER).unwrap()];
        kept.iter().for_each(|permit| complete(permit, 1));
        assert!(admit(&limiter, OTHER).is_none());
    }

    #[tokio::test]
    async fn blocks_are_counted_for_each_address() {
        let limiter = limiter(9, 9);
        let [slow, fast, other] = [HOST, HOST, OTHER].map(|host| admit(&limiter, host).unwrap());
        for _ in 0..5 {
            slow.take_block().await.unwrap();
        }
        for _ in 0..4 {
            fast.take_block().await.unwrap();
        }
        assert!(is_evicted(&slow).await, "it holds the most and is the slowest");
        for _ in 0..6 {
            other.take_block().await.unwrap();
        }
        assert_eq!(limiter.state().blocks, 10);
        complete(&fast, 1);
        assert!(timeout(Duration::from_millis(1), other.take_block()).await.is_err(), "its own share is taken");
        drop(fast);
        other.give_blocks_back();
        other.take_block().await.unwrap();
        assert_eq!(limiter.state().blocks, 1);
    }

    #[tokio::test]
    async fn a_message_waits_for_its_place_for_a_while_only() {
        let limiter = limiter(9, 9);
        let [first, second, other] = [HOST, HOST, OTHER].map(|host| admit(&limiter, host).unwrap());
        let mut questions = Vec::new();
        while let Ok(place) = first.wait_for_question().await {
            questions.push(place);
        }
        assert_eq!(questions.len(), limits::PEER_QUESTIONS_OF_HOST);
        assert!(matches!(second.wait_for_question().await, Err(Error::Crowded { .. })));
        assert!(other.wait_for_question().await.is_ok(), "another address has places of its own");
        questions.pop();
        assert!(second.wait_for_question().await.is_ok());
        let mut lookups = Vec::new();
        while let Ok(place) = first.wait_for_lookup().await {
            lookups.push(place);
        }
        assert_eq!(lookups.len(), limits::PEER_LOOKUPS_OF_HOST);
        assert!(matches!(second.wait_for_lookup().await, Err(Error::Crowded { .. })));
        assert!(other.wait_for_lookup().await.is_ok());
    }

    #[tokio::test]
    async fn a_64_of_ipv6_is_one_address_and_many_senders() {
        let limiter = limiter(9, 2);
        let neighbours = ["2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"].map(|ip| ip.parse::<IpAddr>().unwrap());
        let [one, two, other] = neighbours.map(|host| admit(&limiter, host).unwrap());
        for permit in [&one, &two, &other] {
            complete(permit, 1);
        }
        assert!(admit(&limiter, "2001:db8::3".parse().unwrap()).is_none(), "the /64 has its share");
        assert!(!waits(&two).await, "a neighbour is another sender, whatever its messages say");
        let mut taken = Vec::new();
        for permit in [&one, &two].into_iter().cycle().take(limits::PEER_QUESTIONS_OF_HOST) {
            taken.push(permit.wait_for_question().await.unwrap());
        }
        assert!(two.wait_for_question().await.is_err() && other.wait_for_question().await.is_ok());
    }

    #[tokio::test]
    async fn messages_of_one_sender_wait_for_each_other() {
        let limiter = limiter(9, 9);
        let [first, second, stranger, elsewhere] = [HOST, HOST, HOST, OTHER].map(|host| admit(&limiter, host).unwrap());
        complete(&first, 1);
        complete(&second, 1);
        complete(&stranger, 2);
        complete(&elsewhere, 1);
        assert!(waits(&second).await);
        assert!(!waits(&stranger).await && !waits(&elsewhere).await && !waits(&first).await);
        first.release_order();
        assert!(!waits(&second).await);
    }

    #[tokio::test]
    async fn an_unfinished_connection_holds_others_up_for_a_moment_only() {
        for is_silent in [true, false] {
            let limiter = limiter(9, 9);
            let unfinished = admit(&limiter, HOST).unwrap();
            if !is_silent {
                unfinished.set_sender(&sender(1));
            }
            let ready = admit(&limiter, HOST).unwrap();
            complete(&ready, 1);
            assert!(waits(&ready).await);
            timeout(2 * limits::PEER_ORDER_TIME, ready.wait_for_turn()).await.unwrap();
        }
    }
}
