//! Where nodes of the network were found: an address that a policy names is believed after a node answered there.

use crate::runtime::limits;
use moka::sync::Cache;
use std::{net::SocketAddr, sync::Arc};
use tokio::sync::{OnceCell, Semaphore};

/// The addresses where this node has looked for others.
#[derive(Debug)]
pub struct Confirmations {
    /// Where nodes were found.
    found: Cache<SocketAddr, ()>,
    /// What was asked lately, so that nobody is asked often because of what strangers publish.
    asked: Cache<SocketAddr, Arc<OnceCell<bool>>>,
    /// How many are asked at the same time.
    asking: Semaphore,
}

impl Default for Confirmations {
    fn default() -> Self {
        let size = limits::PEER_CONFIRMATIONS;
        Self {
            found: Cache::builder().max_capacity(size).time_to_live(limits::PEER_CONFIRMED_TIME).build(),
            asked: Cache::builder().max_capacity(size).time_to_live(limits::PEER_CONFIRM_PAUSE).build(),
            asking: Semaphore::new(limits::PEER_CONFIRMS_AT_ONCE),
        }
    }
}

impl Confirmations {
    /// Notes that a node is at an address: it sent a message from there that asks to be answered there.
    pub fn note(&self, address: SocketAddr) {
        self.found.insert(address, ());
    }

    /// Tells whether a node is known to be at an address.
    #[must_use]
    pub fn has(&self, address: SocketAddr) -> bool {
        self.found.contains_key(&address)
    }

    /// Finds out whether a node is at an address. Everybody who wants to know it at the same time waits for one question,
    /// and the outcome counts for a while.
    pub async fn find(&self, address: SocketAddr, ask: impl Future<Output = bool>) -> bool {
        if self.has(address) {
            return true;
        }
        let cell = self.asked.get_with(address, Arc::default);
        let answered = async {
            // Nobody waits for a place: what cannot be asked now is not answered now.
            let _place = self.asking.try_acquire()?;
            Ok::<_, tokio::sync::TryAcquireError>(ask.await)
        };
        let is_found = cell.get_or_try_init(|| answered).await.is_ok_and(|found| *found);
        if is_found {
            self.note(address);
        }
        is_found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test]
    async fn an_address_is_asked_once() {
        let (confirmations, asked) = (Confirmations::default(), AtomicUsize::new(0));
        let at = |port| SocketAddr::from(([192, 0, 2, 1], port));
        let ask = |found| {
            asked.fetch_add(1, Ordering::Relaxed);
            std::future::ready(found)
        };
        for _ in 0..3 {
            assert!(!confirmations.find(at(1), async { ask(false).await }).await);
            assert!(confirmations.find(at(2), async { ask(true).await }).await);
        }
        assert_eq!(asked.load(Ordering::Relaxed), 2);
        assert!(confirmations.has(at(2)) && !confirmations.has(at(1)));
        confirmations.note(at(1));
        assert!(confirmations.find(at(1), async { ask(false).await }).await);
    }
}
