//! The memory of all requests under way together: bodies, and headers of unusual size.
//!
//! A request reserves what its body announces before it is read, so that no two wait for each other with half a body each.
//! One address gets half of the bytes at most, and an eighth is kept for small bodies. When bytes are short, the slowest
//! senders give way.

use crate::{
    rest::activity::{Activity, ConnectionState},
    runtime::{address, limits},
};
use std::{
    collections::HashMap,
    net::IpAddr,
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{sync::Notify, time::timeout};

/// So many bytes for all requests.
#[derive(Debug)]
pub struct ByteBudget {
    most: usize,
    share: usize,
    held: Mutex<HeldBytes>,
    freed: Notify,
}

#[derive(Debug, Default)]
struct HeldBytes {
    total: usize,
    by_address: HashMap<IpAddr, Share>,
}

/// What the requests of one address hold.
#[derive(Debug, Default)]
struct Share {
    bytes: usize,
    holders: Vec<Arc<Holder>>,
}

/// A request that holds bytes.
#[derive(Debug)]
struct Holder {
    activity: Activity,
    /// Bytes that have come so far.
    received: AtomicUsize,
}

impl Holder {
    /// Returns how many bytes come in a second, when they come slowly.
    fn slowness(&self) -> Option<u128> {
        let (state, age) = self.activity.look();
        let received = u128::try_from(self.received.load(Ordering::Relaxed)).unwrap_or_default();
        let rate = received * 1000 / age.as_millis().max(1);
        let is_unfinished = matches!(state, ConnectionState::Header | ConnectionState::Body);
        (is_unfinished && age >= limits::REST_SLOW_SENDER && rate < limits::REST_SLOW_RATE).then_some(rate)
    }
}

/// Bytes of one request, until they are dropped.
#[derive(Debug)]
pub struct Reservation {
    budget: Arc<ByteBudget>,
    network: IpAddr,
    holder: Arc<Holder>,
    bytes: usize,
}

/// Who holds what is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shortage {
    /// The address itself.
    Own,
    /// All together.
    All,
}

impl ByteBudget {
    /// Creates a budget; an address gets half of it, and at least one body of the largest size.
    #[must_use]
    pub fn new(most: usize, largest_body: usize) -> Self {
        let most = most.max(largest_body);
        Self { most, share: (most / 2).max(largest_body), held: Mutex::default(), freed: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, HeldBytes> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reserves bytes, or waits for them; whoever calls limits the time.
    pub async fn reserve(self: &Arc<Self>, caller: IpAddr, activity: &Activity, bytes: usize) -> Reservation {
        let network = address::network_of(caller);
        loop {
            let mut freed = pin!(self.freed.notified());
            freed.as_mut().enable();
            match self.take(network, bytes) {
                Ok(()) => break,
                Err(shortage) => self.lock().make_room(network, shortage),
            }
            // Woken when bytes are free, and from time to time to see who has become slow meanwhile.
            let _ = timeout(limits::REST_BODY_LOOK, freed).await;
        }
        self.reservation(network, activity, bytes)
    }

    /// Reserves bytes if they are there now.
    #[must_use]
    pub fn try_reserve(self: &Arc<Self>, caller: IpAddr, activity: &Activity, bytes: usize) -> Option<Reservation> {
        let network = address::network_of(caller);
        self.take(network, bytes).ok()?;
        Some(self.reservation(network, activity, bytes))
    }

    fn reservation(self: &Arc<Self>, network: IpAddr, activity: &Activity, bytes: usize) -> Reservation {
        let holder = Arc::new(Holder { activity: activity.clone(), received: AtomicUsize::new(0) });
        self.lock().share(network).holders.push(Arc::clone(&holder));
        Reservation { budget: Arc::clone(self), network, holder, bytes }
    }

    fn take(&self, network: IpAddr, bytes: usize) -> Result<(), Shortage> {
        let for_all = if bytes > limits::REST_SMALL_BODY { self.most - self.most / 8 } else { self.most };
        let mut held = self.lock();
        let own = held.by_address.get(&network).map_or(0, |share| share.bytes);
        // A body that is larger than all that is kept for large ones is still taken when it is alone.
        if own > 0 && own + bytes > self.share {
            return Err(Shortage::Own);
        }
        if held.total > 0 && held.total + bytes > for_all {
            return Err(Shortage::All);
        }
        held.total += bytes;
        held.share(network).bytes += bytes;
        Ok(())
    }
}

impl HeldBytes {
    fn share(&mut self, network: IpAddr) -> &mut Share {
        self.by_address.entry(network).or_default()
    }

    /// Ends the slowest sender, of the address itself or of the one that holds most; who has only just begun, who sends at a
    /// good rate, and what is worked on, is waited for.
    fn make_room(&mut self, network: IpAddr, shortage: Shortage) {
        let largest = || self.by_address.iter().max_by_key(|(_, share)| share.bytes).map(|(network, _)| *network);
        let from = match shortage {
            Shortage::Own => Some(network),
            Shortage::All => largest(),
        };
        let holders = from.and_then(|network| self.by_address.get(&network)).map(|share| share.holders.iter());
        let slow = holders.into_iter().flatten().filter_map(|holder| Some((holder.slowness()?, holder)));
        if let Some((_, slowest)) = slow.min_by_key(|(rate, _)| *rate) {
            slowest.activity.give_way();
        }
    }
}

impl Reservation {
    /// Reserves more, if it is there now; tells whether it is.
    #[must_use]
    pub fn grow(&mut self, bytes: usize) -> bool {
        let grown = self.budget.take(self.network, bytes).is_ok();
        if grown {
            self.bytes += bytes;
        }
        grown
    }

    /// Takes note of how many bytes have come so far.
    pub fn received(&self, bytes: usize) {
        self.holder.received.store(bytes, Ordering::Relaxed);
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let mut held = self.budget.lock();
        held.total = held.total.saturating_sub(self.bytes);
        let share = held.share(self.network);
        share.bytes = share.bytes.saturating_sub(self.bytes);
        if let Some(at) = share.holders.iter().position(|holder| Arc::ptr_eq(holder, &self.holder)) {
            share.holders.swap_remove(at);
        }
        if share.holders.is_empty() && share.bytes == 0 {
            held.by_address.remove(&self.network);
        }
        drop(held);
        self.budget.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const KB: usize = 1024;
    const ONE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const OTHER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    fn budget() -> Arc<ByteBudget> {
        Arc::new(ByteBudget::new(800 * KB, 300 * KB))
    }

    #[test]
    fn an_address_gets_half_and_small_bodies_keep_a_part() {
        let (budget, activity) = (budget(), Activity::default());
        let first = budget.try_reserve(ONE, &activity, 300 * KB);
        assert!(first.is_some() && budget.try_reserve(ONE, &activity, 300 * KB).is_none(), "more than its share");
        let second = budget.try_reserve(OTHER, &activity, 300 * KB);
        let third: IpAddr = [192, 0, 2, 3].into();
        assert!(second.is_some() && budget.try_reserve(third, &activity, 200 * KB).is_none());
        assert!(budget.try_reserve(third, &activity, 64 * KB).is_some(), "a small one finds room");
        drop((first, second));
        assert!(budget.lock().by_address.is_empty() && budget.lock().total == 0);
    }

    #[tokio::test]
    async fn who_waits_gets_what_becomes_free() {
        let (budget, activity) = (budget(), Activity::default());
        let first = budget.try_reserve(ONE, &activity, 300 * KB).unwrap();
        let mut waiting = pin!(budget.reserve(ONE, &activity, 200 * KB));
        assert!(timeout(Duration::from_millis(20), waiting.as_mut()).await.is_err());
        drop(first);
        assert_eq!(waiting.await.bytes, 200 * KB);
    }

    #[test]
    fn a_body_of_unknown_length_grows_while_there_is_room() {
        let (budget, activity) = (budget(), Activity::default());
        let mut body = budget.try_reserve(ONE, &activity, 64 * KB).unwrap();
        assert!(body.grow(64 * KB) && !body.grow(300 * KB));
        assert_eq!(budget.lock().total, 128 * KB);
        drop(body);
        assert_eq!(budget.lock().total, 0);
    }
}
