//! How fast one receiver is sent messages.

use crate::runtime::limits;
use std::time::Duration;
use tokio::time::Instant;

/// So many units at once, and then one more after each pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Units that may be sent at once.
    pub burst: u32,
    /// Time until another unit may be sent.
    pub pause: Duration,
}

/// What a receiver was sent lately.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// When all that was sent is forgotten.
    forgotten: Instant,
}

impl Pace {
    /// Returns the pace of a receiver that was sent nothing.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        Self { forgotten: now }
    }

    /// Returns from when on the next message may be sent.
    #[must_use]
    pub fn ready(&self, rate: Rate) -> Instant {
        let ahead = rate.pause.saturating_mul(rate.burst.saturating_sub(1));
        self.forgotten.checked_sub(ahead).unwrap_or(self.forgotten)
    }

    /// Counts so many units that are sent now.
    pub fn spend(&mut self, rate: Rate, units: u32, now: Instant) {
        self.forgotten = self.forgotten.max(now) + rate.pause.saturating_mul(units);
    }

    /// Tells whether nothing of what was sent counts any more.
    #[must_use]
    pub fn is_over(&self, now: Instant) -> bool {
        self.forgotten <= now
    }
}

/// The paces of one receiver.
#[derive(Clone, Copy, Debug)]
pub struct Paces {
    files: Pace,
    texts: Pace,
    is_sender: bool,
}

impl Paces {
    /// Returns the paces of a receiver that was sent nothing.
    #[must_use]
    pub fn new(is_sender: bool, now: Instant) -> Self {
        Self { files: Pace::new(now), texts: Pace::new(now), is_sender }
    }

    /// Returns from when on a file, or a text, may be sent.
    #[must_use]
    pub fn ready(&self, is_file: bool) -> Instant {
        let (files, texts) = self.rates();
        if is_file { self.files.ready(files) } else { self.texts.ready(texts) }
    }

    /// Counts what is sent now: a file as one whatever its size, since ledgers grow, a text by its bytes.
    pub fn spend(&mut self, is_file: bool, bytes: usize, now: Instant) {
        let (files, texts) = self.rates();
        let unit = if self.is_sender { limits::PEER_TEXT_UNIT } else { limits::PEER_TEXT_UNIT_OF_OTHERS };
        let units = u32::try_from(bytes.div_ceil(unit)).unwrap_or(u32::MAX).max(1);
        if is_file { self.files.spend(files, 1, now) } else { self.texts.spend(texts, units, now) }
    }

    /// Tells whether nothing of what was sent counts any more.
    #[must_use]
    pub fn is_over(&self, now: Instant) -> bool {
        self.files.is_over(now) && self.texts.is_over(now)
    }

    const fn rates(&self) -> (Rate, Rate) {
        if self.is_sender {
            (limits_of(limits::PEER_FILES), limits_of(limits::PEER_TEXTS))
        } else {
            (limits_of(limits::PEER_FILES_TO_OTHERS), limits_of(limits::PEER_TEXTS_TO_OTHERS))
        }
    }
}

const fn limits_of((burst, pause): (u32, Duration)) -> Rate {
    Rate { burst, pause }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_followed_by_pauses() {
        let now = Instant::now();
        let rate = Rate { burst: 3, pause: Duration::from_secs(5) };
        let mut pace = Pace::new(now);
        for _ in 0..3 {
            assert!(pace.ready(rate) <= now);
            pace.spend(rate, 1, now);
        }
        assert_eq!(pace.ready(rate), now + rate.pause);
        let later = now + Duration::from_secs(60);
        assert!(!pace.is_over(now) && pace.is_over(later));
        pace.spend(rate, 1, later);
        assert!(pace.ready(rate) <= later);
    }

    #[test]
    fn a_large_text_counts_more_than_a_small_one() {
        let now = Instant::now();
        let (mut small, mut large) = (Paces::new(false, now), Paces::new(false, now));
        small.spend(false, 1, now);
        large.spend(false, 64 * 1024 * 1024, now);
        assert!(small.ready(false) <= now && large.ready(false) > now);
        assert!(large.ready(true) <= now, "files keep a pace of their own");
    }

    #[test]
    fn a_sender_gets_short_answers_as_fast_as_it_asks() {
        let now = Instant::now();
        let (mut sender, mut other) = (Paces::new(true, now), Paces::new(false, now));
        for _ in 0..10_000 {
            sender.spend(false, 100, now);
            other.spend(false, 100, now);
        }
        assert!(sender.ready(false) <= now && other.ready(false) > now);
        sender.spend(false, 64 * 1024 * 1024, now);
        assert!(sender.ready(false) > now, "large ones count by their bytes");
    }
}
