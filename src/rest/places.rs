//! Who holds the REST connections. When there are no more, the slowest of whoever holds most gives way to a newcomer, so
//! that many silent connections of a few addresses shut nobody out.

use crate::{
    rest::activity::{Activity, ConnectionState},
    runtime::{address, limits},
};
use std::{
    cmp::Reverse,
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// What a connection may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Everything.
    Full,
    /// How the node is: all places are at work, and this one is kept for probes.
    ProbesAlone,
}

/// Places for connections: so many, and so many for one address.
#[derive(Debug)]
pub struct Places {
    most: usize,
    per_address: usize,
    held: Mutex<HeldPlace>,
}

/// The connections, by address; an IPv6 address counts as its /64, which is what one caller has.
#[derive(Debug, Default)]
struct HeldPlace {
    total: usize,
    by_address: HashMap<IpAddr, Vec<Activity>>,
    gave_way: u64,
    told: Option<Instant>,
}

/// The place of one connection, until it is dropped.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    network: IpAddr,
    activity: Activity,
}

impl Places {
    /// Creates `most` places, of which one address gets at most `per_address`.
    #[must_use]
    pub fn new(most: usize, per_address: usize) -> Self {
        Self { most, per_address, held: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, HeldPlace> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a newcomer a place. An address that has all of its places loses another of its own connections for it; when
    /// all places are taken, the address that holds most loses one. None when everything that could give way is at work.
    #[must_use]
    pub fn take(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let network = address::network_of(address);
        let mut held = self.lock();
        let own = held.by_address.get(&network).map_or(0, Vec::len);
        if own >= self.per_address && !held.make_room_of(network) {
            return None;
        }
        if held.total >= self.most && !held.make_room() {
            return None;
        }
        let activity = Activity::default();
        held.by_address.entry(network).or_default().push(activity.clone());
        held.total += 1;
        Some(Place { places: Arc::clone(self), network, activity })
    }

    /// Ends the connection that can be missed most, when there is one.
    pub fn make_room(&self) {
        self.lock().make_room();
    }

    /// Returns how many places are taken.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.lock().total
    }

    fn free(&self, network: IpAddr, activity: &Activity) {
        let mut held = self.lock();
        let found = held.by_address.get(&network).and_then(|list| list.iter().position(|one| one.is(activity)));
        if let Some(at) = found {
            held.remove(network, at);
        }
    }
}

impl HeldPlace {
    /// Ends a connection of the address that holds most, or of the next one when all of its connections are at work.
    fn make_room(&mut self) -> bool {
        let largest = self.by_address.iter().max_by_key(|(_, list)| list.len()).map(|(network, _)| *network);
        if largest.is_some_and(|network| self.make_room_of(network)) {
            return true;
        }
        let mut others: Vec<(usize, IpAddr)> =
            self.by_address.iter().map(|(network, list)| (list.len(), *network)).collect();
        others.sort_unstable_by_key(|(length, _)| Reverse(*length));
        others.into_iter().any(|(_, network)| self.make_room_of(network))
    }

    /// Ends the connection of an address that can be missed most; tells whether there was one.
    fn make_room_of(&mut self, network: IpAddr) -> bool {
        while let Some(at) = self.least_needed(network) {
            let gives = self.by_address.get(&network).and_then(|list| list.get(at)).is_some_and(Activity::give_way);
            if gives {
                self.remove(network, at);
                self.tell(network);
                return true;
            }
        }
        false
    }

    fn least_needed(&self, network: IpAddr) -> Option<usize> {
        let list = self.by_address.get(&network)?.iter().enumerate();
        let ranked = list.filter_map(|(at, activity)| {
            let (state, age) = activity.look();
            Some((rank(state, age)?, Reverse(age), at))
        });
        ranked.min().map(|(_, _, at)| at)
    }

    fn remove(&mut self, network: IpAddr, at: usize) {
        if let Some(list) = self.by_address.get_mut(&network) {
            list.swap_remove(at);
            self.total = self.total.saturating_sub(1);
            if list.is_empty() {
                self.by_address.remove(&network);
            }
        }
    }

    /// Tells the operator that connections are short, once a minute at most.
    fn tell(&mut self, network: IpAddr) {
        self.gave_way += 1;
        tracing::debug!(client.address = %network, "a connection gives way to a newcomer");
        if self.told.is_none_or(|told| told.elapsed() >= limits::REST_SHORTAGE_NEWS) {
            self.told = Some(Instant::now());
            let (address, count, held) = (network, self.gave_way, self.total);
            tracing::warn!(
                client.address = %address,
                count,
                held,
                "REST connections are short, slow and idle ones of this address give way: see REST_CONNECTIONS and \
                 REST_CONNECTIONS_PER_HOST"
            );
        }
    }
}

/// Tells how well a connection can be missed, the best first: slow senders, connections that never asked anything, those
/// between two requests, senders that have only begun or may not send yet, and those whose reply may still be on its way. None for a request
/// that is worked on.
fn rank(state: ConnectionState, age: Duration) -> Option<u8> {
    match state {
        ConnectionState::Header | ConnectionState::Body if age >= limits::REST_SLOW_SENDER => Some(0),
        ConnectionState::Fresh => Some(1),
        ConnectionState::Idle if age >= limits::REST_REPLY_UNDER_WAY => Some(2),
        ConnectionState::Header | ConnectionState::Body | ConnectionState::Waiting => Some(3),
        ConnectionState::Idle => Some(4),
        ConnectionState::Busy | ConnectionState::Ended => None,
    }
}

impl Place {
    /// Returns what the connection of this place is doing.
    #[must_use]
    pub const fn activity(&self) -> &Activity {
        &self.activity
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.free(self.network, &self.activity);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const OTHER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    fn ended(place: &Place) -> bool {
        place.activity.state() == ConnectionState::Ended
    }

    #[test]
    fn an_address_at_its_limit_loses_its_own() {
        let places = Arc::new(Places::new(10, 2));
        let first = places.take(ONE).unwrap();
        let asked = places.take(ONE).unwrap();
        drop(asked.activity.busy());
        let other = places.take(OTHER).unwrap();
        let third = places.take(ONE).unwrap();
        assert!(ended(&first), "what never asked goes before what has asked");
        assert!(!ended(&asked) && !ended(&other) && !ended(&third));
        assert_eq!(places.taken(), 3);
        drop((first, asked, other, third));
        assert_eq!(places.taken(), 0);
        assert!(places.lock().by_address.is_empty());
    }

    #[test]
    fn a_full_house_takes_from_whoever_holds_most() {
        let places = Arc::new(Places::new(3, 3));
        let many = [places.take(ONE).unwrap(), places.take(ONE).unwrap()];
        let few = places.take(OTHER).unwrap();
        let newcomer = places.take(IpAddr::from([192, 0, 2, 3])).unwrap();
        assert_eq!(many.iter().filter(|place| ended(place)).count(), 1);
        assert!(!ended(&few) && !ended(&newcomer));
    }

    #[test]
    fn what_is_at_work_keeps_its_place() {
        let places = Arc::new(Places::new(2, 2));
        let (one, other) = (places.take(ONE).unwrap(), places.take(OTHER).unwrap());
        let busy = [one.activity.busy(), other.activity.busy()];
        assert!(places.take(ONE).is_none(), "all are at work");
        drop(busy);
        assert!(places.take(ONE).is_some());
        assert_eq!([&one, &other].into_iter().filter(|place| ended(place)).count(), 1);
    }

    #[test]
    fn a_prefix_of_ipv6_is_one_caller() {
        let places = Arc::new(Places::new(9, 1));
        let first = places.take("2001:db8::1".parse().unwrap()).unwrap();
        let _second = places.take("2001:db8::ffff:2".parse().unwrap()).unwrap();
        assert!(ended(&first));
        let _elsewhere = places.take("2001:db8:0:1::1".parse().unwrap()).unwrap();
        assert_eq!(places.taken(), 2);
    }
}
