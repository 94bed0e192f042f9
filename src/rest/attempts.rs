//! Counts the wrong tokens of each caller, so that nobody can guess for long. An IPv6 caller is its /64.

use crate::runtime::{address::network_of, limits};
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Time in which wrong tokens are counted together. The wall clock has no say: set back by a day, it would shut callers out as long.
const MINUTE: Duration = Duration::from_secs(60);

/// Wrong tokens by address, in the minute they began.
#[derive(Debug, Default)]
pub struct Attempts {
    counts: Mutex<HashMap<IpAddr, (Instant, u32)>>,
}

impl Attempts {
    /// Tells whether an address has used up its wrong tokens of this minute.
    #[must_use]
    pub fn exhausted(&self, address: IpAddr) -> bool {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts
            .get(&network_of(address))
            .is_some_and(|(since, count)| since.elapsed() < MINUTE && *count >= limits::WRONG_TOKENS)
    }

    /// Counts a wrong token.
    pub fn wrong(&self, address: IpAddr) {
        let now = Instant::now();
        let address = network_of(address);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= limits::WRONG_TOKEN_ADDRESSES {
            counts.retain(|_, (since, _)| since.elapsed() < MINUTE);
        }
        if counts.len() >= limits::WRONG_TOKEN_ADDRESSES && !counts.contains_key(&address) {
            return;
        }
        let entry = counts.entry(address).or_insert((now, 0));
        if entry.0.elapsed() >= MINUTE {
            *entry = (now, 0);
        }
        entry.1 = entry.1.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_wrong_tokens_are_enough() {
        let attempts = Attempts::default();
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        for _ in 0..limits::WRONG_TOKENS {
            assert!(!attempts.exhausted(one));
            attempts.wrong(one);
        }
        assert!(attempts.exhausted(one));
        assert!(!attempts.exhausted(other));
        let prefix = |text: &str| text.parse::<IpAddr>().unwrap();
        for number in 0..limits::WRONG_TOKENS {
            attempts.wrong(prefix(&format!("2001:db8::{number}:1")));
        }
        assert!(attempts.exhausted(prefix("2001:db8::ffff:1")), "one caller has all addresses of its /64");
        assert!(!attempts.exhausted(prefix("2001:db8:0:1::1")));
    }
}
