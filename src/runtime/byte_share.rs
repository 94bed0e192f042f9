//! Bytes that are shared between callers: so many for all together, half of them for one address.

use crate::runtime::address::network_of;
use bytes::Bytes;
use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// So many bytes for all callers.
#[derive(Debug)]
pub struct ByteShare {
    most: usize,
    held: Mutex<CountedBytes>,
}

/// What is counted.
#[derive(Debug, Default)]
struct CountedBytes {
    networks: HashMap<IpAddr, usize>,
    /// The bytes by where they stand in memory and how many they are. The same ones, on their way to several callers, take no more
    /// memory than once.
    places: HashMap<(usize, usize), CountedPlace>,
}

/// Bytes that are counted as long as anybody has them, for the first of those who do.
#[derive(Debug)]
struct CountedPlace {
    holders: Vec<IpAddr>,
}

/// Bytes that count until the last copy of them is dropped.
struct HeldShare {
    bytes: Bytes,
    share: Arc<ByteShare>,
    network: IpAddr,
}

impl AsRef<[u8]> for HeldShare {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for HeldShare {
    fn drop(&mut self) {
        let mut held = self.share.held();
        let CountedBytes { networks, places } = &mut *held;
        let Entry::Occupied(mut place) = places.entry(place_of(&self.bytes)) else { return };
        let holders = &mut place.get_mut().holders;
        let before = holders.first().copied();
        if let Some(at) = holders.iter().position(|holder| *holder == self.network) {
            holders.remove(at);
        }
        let after = holders.first().copied();
        if after.is_none() {
            place.remove();
        }
        if before == after {
            return;
        }
        // Nobody pays for what another one takes slowly.
        if let Some(own) = before.and_then(|before| networks.get_mut(&before)) {
            *own = own.saturating_sub(self.bytes.len());
        }
        if let Some(after) = after {
            *networks.entry(after).or_default() += self.bytes.len();
        }
        networks.retain(|_, own| *own > 0);
    }
}

impl ByteShare {
    /// Creates the bytes for all callers together.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { most, held: Mutex::default() }
    }

    /// Counts bytes for a caller until they are dropped; nothing when there is no room for them. Whoever holds none gets room
    /// for more than its half when nobody else needs it, and bytes that are counted already need none.
    #[must_use]
    pub fn hold(self: &Arc<Self>, caller: IpAddr, bytes: Bytes) -> Option<Bytes> {
        let network = network_of(caller);
        let mut held = self.held();
        let CountedBytes { networks, places } = &mut *held;
        match places.entry(place_of(&bytes)) {
            Entry::Occupied(mut place) => place.get_mut().holders.push(network),
            Entry::Vacant(place) => {
                let all: usize = networks.values().sum();
                let own = networks.get(&network).copied().unwrap_or_default();
                let has_room = all == 0 || (own + bytes.len() <= self.most / 2 && all + bytes.len() <= self.most);
                if !has_room {
                    return None;
                }
                *networks.entry(network).or_default() += bytes.len();
                place.insert(CountedPlace { holders: vec![network] });
            }
        }
        drop(held);
        Some(Bytes::from_owner(HeldShare { bytes, share: Arc::clone(self), network }))
    }

    fn held(&self) -> MutexGuard<'_, CountedBytes> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns where bytes stand in memory and how many they are: nothing else stands there while they are held.
fn place_of(bytes: &Bytes) -> (usize, usize) {
    (bytes.as_ptr().addr(), bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(number: u8) -> IpAddr {
        [192, 0, 2, number].into()
    }

    fn is_empty(share: &ByteShare) -> bool {
        let held = share.held();
        held.networks.is_empty() && held.places.is_empty()
    }

    #[test]
    fn bytes_count_until_they_are_dropped() {
        let share = Arc::new(ByteShare::new(100));
        let some = |count: usize| Bytes::from(vec![7; count]);
        let first = share.hold(caller(1), some(500)).unwrap();
        assert_eq!(first.len(), 500, "alone there is room for anything");
        assert!(share.hold(caller(2), some(1)).is_none());
        drop(first);
        let first = share.hold(caller(1), some(40)).unwrap();
        let copy = first.clone();
        assert!(share.hold(caller(1), some(20)).is_none(), "half is what one address gets");
        let other = share.hold(caller(2), some(50)).unwrap();
        assert!(share.hold(caller(3), some(20)).is_none());
        drop((first, other));
        assert!(share.hold(caller(1), some(20)).is_none(), "a copy is still there");
        drop(copy);
        assert!(share.hold(caller(1), some(20)).is_some());
        assert!(is_empty(&share));
    }

    #[test]
    fn bytes_for_several_callers_count_once_and_not_longer_than_they_are_on_their_way() {
        let share = Arc::new(ByteShare::new(100));
        let kept = Bytes::from(vec![7; 40]);
        let first = share.hold(caller(1), kept.clone()).unwrap();
        let other = share.hold(caller(2), kept.clone()).unwrap();
        let again = share.hold(caller(1), first.clone()).unwrap();
        assert_eq!(share.held().networks.values().sum::<usize>(), 40);
        drop((first, again));
        let small = || Bytes::from(vec![7; 20]);
        assert!(share.hold(caller(2), small()).is_none(), "it is the one now that takes them");
        assert!(share.hold(caller(1), small()).is_some());
        drop(other);
        assert!(is_empty(&share), "whoever keeps them sends them to nobody");
        assert_eq!(kept.len(), 40);
    }
}
