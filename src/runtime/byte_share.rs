//! Bytes that are shared between callers: so many for all together, half of them for one address.

use crate::runtime::address::network_of;
use bytes::Bytes;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// So many bytes for all callers.
#[derive(Debug)]
pub struct ByteShare {
    most: usize,
    held: Mutex<HashMap<IpAddr, usize>>,
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
        if let Some(own) = held.get_mut(&self.network) {
            *own = own.saturating_sub(self.bytes.len());
            if *own == 0 {
                held.remove(&self.network);
            }
        }
    }
}

impl ByteShare {
    /// Creates the bytes for all callers together.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { most, held: Mutex::default() }
    }

    /// Counts bytes for a caller until they are dropped; nothing when there is no room for them. Whoever holds none gets room
    /// for more than its half when nobody else needs it.
    #[must_use]
    pub fn hold(self: &Arc<Self>, caller: IpAddr, bytes: Bytes) -> Option<Bytes> {
        let network = network_of(caller);
        let mut held = self.held();
        let all: usize = held.values().sum();
        let own = held.get(&network).copied().unwrap_or_default();
        let has_room = all == 0 || (own + bytes.len() <= self.most / 2 && all + bytes.len() <= self.most);
        if !has_room {
            return None;
        }
        *held.entry(network).or_default() += bytes.len();
        drop(held);
        Some(Bytes::from_owner(HeldShare { bytes, share: Arc::clone(self), network }))
    }

    fn held(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(number: u8) -> IpAddr {
        [192, 0, 2, number].into()
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
        assert!(share.held().is_empty());
    }
}
