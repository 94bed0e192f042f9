//! Which connections are open: their limits, room for new ones, and the order of the messages of one sender
//! (reference/tcp-protocol 15.5, 15.7).

use crate::runtime::limits;
use anylog_block::ReturnAddress;
use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{
    sync::Notify,
    time::{Instant, timeout_at},
};
use tokio_util::sync::CancellationToken;

/// Admits connections up to a limit and keeps them in the order in which they came.
#[derive(Debug)]
pub struct ConnectionLimiter {
    state: Mutex<State>,
    changed: Notify,
    limit: usize,
    limit_per_host: usize,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    connections: BTreeMap<u64, Connection>,
}

#[derive(Debug)]
struct Connection {
    host: IpAddr,
    since: Instant,
    stage: Stage,
    eviction: CancellationToken,
}

/// How far a connection is.
#[derive(Debug, PartialEq, Eq)]
enum Stage {
    /// No block came yet; such a connection makes room for others.
    Silent,
    /// The sender is known; later messages of the same sender wait.
    Known(ReturnAddress),
    /// No later message waits for it.
    Unordered,
}

/// What holds the message of a connection up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Obstacle {
    /// An earlier message of the same sender is not done.
    EarlierMessage,
    /// An earlier connection has not said who its sender is; it is waited for until then.
    SilentUntil(Instant),
}

/// The place of an admitted connection; dropping it makes room for another.
#[derive(Debug)]
pub struct ConnectionPermit {
    limiter: Arc<ConnectionLimiter>,
    number: u64,
    eviction: CancellationToken,
}

impl ConnectionLimiter {
    /// Creates a limiter for so many connections in all and from one address.
    #[must_use]
    pub fn new(limit: usize, limit_per_host: usize) -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), changed: Notify::new(), limit, limit_per_host })
    }

    /// Returns how many connections are open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.state().connections.len()
    }

    /// Admits a connection. When there is no room the one that has been silent for the longest time is closed; when none is
    /// silent, the new one is not admitted.
    #[must_use]
    pub fn admit(self: &Arc<Self>, host: IpAddr) -> Option<ConnectionPermit> {
        let mut state = self.state();
        let of_host = state.connections.values().filter(|connection| connection.host == host).count();
        if of_host >= self.limit_per_host {
            state.evict(Some(host))?;
        } else if state.connections.len() >= self.limit {
            state.evict(None)?;
        }
        let (number, eviction) = (state.next, CancellationToken::new());
        state.next = number.saturating_add(1);
        let connection = Connection { host, since: Instant::now(), stage: Stage::Silent, eviction: eviction.clone() };
        state.connections.insert(number, connection);
        drop(state);
        Some(ConnectionPermit { limiter: Arc::clone(self), number, eviction })
    }

    /// Closes the connection that has been silent for the longest time, because the system has no room for another.
    pub fn make_room(&self) {
        // When none is silent, those that work end soon by themselves.
        let _ = self.state().evict(None);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_stage(&self, number: u64, stage: Stage) {
        if let Some(connection) = self.state().connections.get_mut(&number) {
            connection.stage = stage;
        }
        self.changed.notify_waiters();
    }
}

impl State {
    /// Closes the connection that has been silent for the longest time, of one address or of all.
    fn evict(&mut self, host: Option<IpAddr>) -> Option<()> {
        let wanted = |connection: &Connection| {
            connection.stage == Stage::Silent && host.is_none_or(|host| connection.host == host)
        };
        let number = self.connections.iter().find(|(_, connection)| wanted(connection)).map(|(number, _)| *number)?;
        self.connections.remove(&number)?.eviction.cancel();
        Some(())
    }

    /// Returns what a connection has to wait for; nothing when it is its turn.
    fn obstacle(&self, number: u64) -> Option<Obstacle> {
        let me = self.connections.get(&number)?;
        let now = Instant::now();
        let earlier = self.connections.range(..number).filter(|(_, connection)| connection.host == me.host);
        let mut until = None;
        for (_, connection) in earlier {
            let patience = connection.since + limits::PEER_ORDER_TIME;
            match &connection.stage {
                Stage::Known(_) if connection.stage == me.stage => return Some(Obstacle::EarlierMessage),
                Stage::Silent if patience > now => until = until.max(Some(patience)),
                _ => {}
            }
        }
        until.map(Obstacle::SilentUntil)
    }
}

impl ConnectionPermit {
    /// Notes who the sender is: the first block came.
    pub fn set_sender(&self, sender: &ReturnAddress) {
        self.limiter.set_stage(self.number, Stage::Known(sender.clone()));
    }

    /// Lets later messages of the same sender pass.
    pub fn release_order(&self) {
        self.limiter.set_stage(self.number, Stage::Unordered);
    }

    /// Waits until the earlier messages of the same sender are done.
    pub async fn wait_for_turn(&self) {
        loop {
            let changed = self.limiter.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let obstacle = self.limiter.state().obstacle(self.number);
            match obstacle {
                None => return,
                Some(Obstacle::EarlierMessage) => changed.await,
                // When the time is over, as after a change, the obstacle is looked for again.
                Some(Obstacle::SilentUntil(until)) => drop(timeout_at(until, changed).await),
            }
        }
    }

    /// Tells whether no block came yet.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.limiter.state().connections.get(&self.number).is_none_or(|connection| connection.stage == Stage::Silent)
    }

    /// Waits until this connection has to make room for another.
    pub async fn evicted(&self) {
        self.eviction.cancelled().await;
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        self.limiter.state().connections.remove(&self.number);
        self.limiter.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{net::Ipv4Addr, time::Duration};
    use tokio::time::timeout;

    const HOST: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
    const OTHER: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2));

    fn sender(port: u16) -> ReturnAddress {
        ReturnAddress::new("10.0.0.1", port)
    }

    async fn waits(permit: &ConnectionPermit) -> bool {
        timeout(Duration::from_millis(1), permit.wait_for_turn()).await.is_err()
    }

    #[tokio::test]
    async fn the_longest_silent_connection_makes_room() {
        let limiter = ConnectionLimiter::new(2, 2);
        let first = limiter.admit(HOST).unwrap();
        let second = limiter.admit(HOST).unwrap();
        let third = limiter.admit(OTHER).unwrap();
        first.evicted().await;
        assert!(timeout(Duration::from_millis(1), second.evicted()).await.is_err());
        second.set_sender(&sender(1));
        third.set_sender(&sender(2));
        assert!(limiter.admit(OTHER).is_none(), "nobody is silent");
        drop(second);
        assert!(limiter.admit(OTHER).is_some());
    }

    #[tokio::test]
    async fn one_address_cannot_take_the_room_of_others() {
        let limiter = ConnectionLimiter::new(3, 2);
        let permits: Vec<_> = (0..2).map(|_| limiter.admit(HOST).unwrap()).collect();
        permits.iter().for_each(|permit| permit.set_sender(&sender(1)));
        assert!(limiter.admit(HOST).is_none());
        assert!(limiter.admit(OTHER).is_some());
    }

    #[tokio::test]
    async fn messages_of_one_sender_wait_for_each_other() {
        let limiter = ConnectionLimiter::new(9, 9);
        let first = limiter.admit(HOST).unwrap();
        let second = limiter.admit(HOST).unwrap();
        let stranger = limiter.admit(HOST).unwrap();
        let elsewhere = limiter.admit(OTHER).unwrap();
        first.set_sender(&sender(1));
        second.set_sender(&sender(1));
        stranger.set_sender(&sender(2));
        elsewhere.set_sender(&sender(1));
        assert!(waits(&second).await);
        assert!(!waits(&stranger).await && !waits(&elsewhere).await && !waits(&first).await);
        first.release_order();
        assert!(!waits(&second).await);
    }

    #[tokio::test]
    async fn a_silent_connection_holds_others_up_for_a_moment_only() {
        let limiter = ConnectionLimiter::new(9, 9);
        let _silent = limiter.admit(HOST).unwrap();
        let ready = limiter.admit(HOST).unwrap();
        ready.set_sender(&sender(1));
        assert!(waits(&ready).await);
        timeout(4 * limits::PEER_ORDER_TIME, ready.wait_for_turn()).await.unwrap();
    }
}
