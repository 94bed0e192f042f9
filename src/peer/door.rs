//! Who is connected: limits, room for newcomers, and the order of one sender (reference/tcp-protocol 15.5, 15.7).

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

/// Lets connections in and remembers them in the order in which they came.
#[derive(Debug)]
pub struct Door {
    inside: Mutex<Inside>,
    changed: Notify,
    limit: usize,
    limit_per_host: usize,
}

#[derive(Debug, Default)]
struct Inside {
    next: u64,
    guests: BTreeMap<u64, Guest>,
}

#[derive(Debug)]
struct Guest {
    host: IpAddr,
    since: Instant,
    stage: Stage,
    leave: CancellationToken,
}

/// How far a connection is.
#[derive(Debug, PartialEq, Eq)]
enum Stage {
    /// No block came yet; such a connection makes room for others.
    Silent,
    /// The sender is known; later messages of the same sender wait.
    Known(ReturnAddress),
    /// Nobody waits for it.
    Free,
}

/// A connection that was let in; dropping it makes room.
#[derive(Debug)]
pub struct Ticket {
    door: Arc<Door>,
    number: u64,
    leave: CancellationToken,
}

impl Door {
    /// Creates a door for so many connections in all and from one address.
    #[must_use]
    pub fn new(limit: usize, limit_per_host: usize) -> Arc<Self> {
        Arc::new(Self { inside: Mutex::default(), changed: Notify::new(), limit, limit_per_host })
    }

    /// Returns how many connections are open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.inside().guests.len()
    }

    /// Lets a connection in; the longest silent one leaves when there is no room, and without one the newcomer stays out.
    #[must_use]
    pub fn enter(self: &Arc<Self>, host: IpAddr) -> Option<Ticket> {
        let mut inside = self.inside();
        let of_host = inside.guests.values().filter(|guest| guest.host == host).count();
        if of_host >= self.limit_per_host {
            inside.evict(Some(host))?;
        } else if inside.guests.len() >= self.limit {
            inside.evict(None)?;
        }
        let (number, leave) = (inside.next, CancellationToken::new());
        inside.next = number.saturating_add(1);
        let guest = Guest { host, since: Instant::now(), stage: Stage::Silent, leave: leave.clone() };
        inside.guests.insert(number, guest);
        drop(inside);
        Some(Ticket { door: Arc::clone(self), number, leave })
    }

    /// Sends the longest silent connection away, because the system has no room for another.
    pub fn make_room(&self) {
        // Without a silent connection those that work end soon by themselves.
        let _ = self.inside().evict(None);
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, number: u64, stage: Stage) {
        if let Some(guest) = self.inside().guests.get_mut(&number) {
            guest.stage = stage;
        }
        self.changed.notify_waiters();
    }
}

impl Inside {
    /// Sends the longest silent connection away, of one address or of all.
    fn evict(&mut self, host: Option<IpAddr>) -> Option<()> {
        let wanted = |guest: &Guest| guest.stage == Stage::Silent && host.is_none_or(|host| guest.host == host);
        let number = self.guests.iter().find(|(_, guest)| wanted(guest)).map(|(number, _)| *number)?;
        self.guests.remove(&number)?.leave.cancel();
        Some(())
    }

    /// Returns until when an earlier connection holds this one up (`None` inside: until it changes), or nothing.
    fn obstacle(&self, number: u64) -> Option<Option<Instant>> {
        let me = self.guests.get(&number)?;
        let now = Instant::now();
        let earlier = self.guests.range(..number).filter(|(_, guest)| guest.host == me.host);
        let mut until = None;
        for (_, guest) in earlier {
            let patience = guest.since + limits::PEER_ORDER_TIME;
            match &guest.stage {
                Stage::Known(_) if guest.stage == me.stage => return Some(None),
                Stage::Silent if patience > now => until = until.max(Some(patience)),
                _ => {}
            }
        }
        until.map(Some)
    }
}

impl Ticket {
    /// Says who the sender is: the first block came.
    pub fn known(&self, sender: &ReturnAddress) {
        self.door.set(self.number, Stage::Known(sender.clone()));
    }

    /// Lets later messages of the same sender pass.
    pub fn free(&self) {
        self.door.set(self.number, Stage::Free);
    }

    /// Waits until the earlier messages of the same sender are done.
    pub async fn turn(&self) {
        loop {
            let changed = self.door.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let obstacle = self.door.inside().obstacle(self.number);
            match obstacle {
                None => return,
                Some(None) => changed.await,
                // Being over time is as good as a change: the obstacle is looked at again.
                Some(Some(until)) => drop(timeout_at(until, changed).await),
            }
        }
    }

    /// Tells whether no block came yet.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.door.inside().guests.get(&self.number).is_none_or(|guest| guest.stage == Stage::Silent)
    }

    /// Waits until this connection has to make room for another.
    pub async fn evicted(&self) {
        self.leave.cancelled().await;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.door.inside().guests.remove(&self.number);
        self.door.changed.notify_waiters();
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

    async fn waits(ticket: &Ticket) -> bool {
        timeout(Duration::from_millis(1), ticket.turn()).await.is_err()
    }

    #[tokio::test]
    async fn the_longest_silent_connection_makes_room() {
        let door = Door::new(2, 2);
        let first = door.enter(HOST).unwrap();
        let second = door.enter(HOST).unwrap();
        let third = door.enter(OTHER).unwrap();
        first.evicted().await;
        assert!(timeout(Duration::from_millis(1), second.evicted()).await.is_err());
        second.known(&sender(1));
        third.known(&sender(2));
        assert!(door.enter(OTHER).is_none(), "nobody is silent");
        drop(second);
        assert!(door.enter(OTHER).is_some());
    }

    #[tokio::test]
    async fn one_address_cannot_take_the_room_of_others() {
        let door = Door::new(3, 2);
        let tickets: Vec<_> = (0..2).map(|_| door.enter(HOST).unwrap()).collect();
        tickets.iter().for_each(|ticket| ticket.known(&sender(1)));
        assert!(door.enter(HOST).is_none());
        assert!(door.enter(OTHER).is_some());
    }

    #[tokio::test]
    async fn messages_of_one_sender_wait_for_each_other() {
        let door = Door::new(9, 9);
        let first = door.enter(HOST).unwrap();
        let second = door.enter(HOST).unwrap();
        let stranger = door.enter(HOST).unwrap();
        let elsewhere = door.enter(OTHER).unwrap();
        first.known(&sender(1));
        second.known(&sender(1));
        stranger.known(&sender(2));
        elsewhere.known(&sender(1));
        assert!(waits(&second).await);
        assert!(!waits(&stranger).await && !waits(&elsewhere).await && !waits(&first).await);
        first.free();
        assert!(!waits(&second).await);
    }

    #[tokio::test]
    async fn a_silent_connection_holds_others_up_for_a_moment_only() {
        let door = Door::new(9, 9);
        let _silent = door.enter(HOST).unwrap();
        let ready = door.enter(HOST).unwrap();
        ready.known(&sender(1));
        assert!(waits(&ready).await);
        timeout(4 * limits::PEER_ORDER_TIME, ready.turn()).await.unwrap();
    }
}
