//! The clocks of members, as the dates of their policies show them.
//!
//! A member writes the time of its own clock into a policy and sends the policy at once. One from the future shows a clock that
//! is ahead. One from the past may be an old policy that is sent again, so that a clock is taken to be behind only when two
//! policies, sent at different times, come equally late.

use crate::runtime::limits;
use jiff::Timestamp;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Time between two policies from which on their delays can be compared.
const APART: Duration = Duration::from_secs(5);
/// Seconds by which two delays of one clock differ at most: what the way and the work take.
const ALIKE: u64 = 2;

/// By how much the dates of the last policies of each member lie behind the clock of this node.
#[derive(Debug, Default)]
pub struct PublishedClocks {
    delays: Mutex<HashMap<MemberKey, Delay>>,
}

/// A member: where it sends from, and the return address that it announces.
type MemberKey = (IpAddr, String);

#[derive(Clone, Copy, Debug)]
struct Delay {
    seen: Instant,
    seconds: i64,
}

impl PublishedClocks {
    /// Compares the date of a policy with the clock of this node. Returns the seconds by which the clock of the member is
    /// ahead, negative when it is behind; nothing when it is right or nothing can be told.
    pub fn judge(&self, member: MemberKey, date: Timestamp, now: Timestamp) -> Option<i64> {
        self.judge_at(Instant::now(), member, now.as_second().saturating_sub(date.as_second()))
    }

    fn judge_at(&self, at: Instant, member: MemberKey, seconds: i64) -> Option<i64> {
        if seconds.unsigned_abs() <= limits::CLOCK_OFF {
            return None;
        }
        if seconds < 0 {
            return Some(seconds.saturating_neg());
        }
        let mut delays = self.delays.lock().unwrap_or_else(PoisonError::into_inner);
        let since = |seen: Instant| at.saturating_duration_since(seen);
        if delays.len() >= limits::TROUBLES && !delays.contains_key(&member) {
            delays.retain(|_, delay| since(delay.seen) < limits::TROUBLE_RECENT);
            if delays.len() >= limits::TROUBLES {
                return None;
            }
        }
        let earlier = delays.insert(member, Delay { seen: at, seconds })?;
        let is_same = earlier.seconds.abs_diff(seconds) <= ALIKE;
        (is_same && since(earlier.seen) >= APART).then(|| seconds.saturating_neg())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member() -> MemberKey {
        ([192, 0, 2, 1].into(), "192.0.2.1:32148".to_owned())
    }

    #[test]
    fn a_date_in_the_future_shows_a_clock_that_is_ahead() {
        let (clocks, now) = (PublishedClocks::default(), Instant::now());
        let ahead = |seconds: i64| clocks.judge_at(now, member(), -seconds);
        assert_eq!((ahead(0), ahead(60), ahead(61), ahead(7200)), (None, None, Some(61), Some(7200)));
        let date: Timestamp = "2026-01-01T00:02:00.5Z".parse().unwrap();
        assert_eq!(clocks.judge(member(), date, "2026-01-01T00:00:00Z".parse().unwrap()), Some(120));
    }

    #[test]
    fn only_the_same_delay_twice_shows_a_clock_that_is_behind() {
        let (clocks, now) = (PublishedClocks::default(), Instant::now());
        let late = |after: u64, seconds| clocks.judge_at(now + Duration::from_secs(after), member(), seconds);
        assert_eq!(late(0, 300), None, "an old policy may be sent again");
        assert_eq!(late(0, 300), None, "several old ones of one start come together");
        assert_eq!(late(30, 330), None, "the same old one, sent again");
        assert_eq!(late(60, 331), Some(-331));
        assert_eq!(late(90, 10), None);
    }

    #[test]
    fn nobody_fills_the_memory_of_the_node() {
        let (clocks, now) = (PublishedClocks::default(), Instant::now());
        for number in 0..2 * limits::TROUBLES {
            clocks.judge_at(now, ([192, 0, 2, 1].into(), number.to_string()), 300);
        }
        assert_eq!(clocks.delays.lock().unwrap().len(), limits::TROUBLES);
    }
}
