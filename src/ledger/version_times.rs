//! When each version of the ledger was shown: how long somebody with an older one has lacked something.

use jiff::Timestamp;
use std::collections::VecDeque;

/// Versions whose times are remembered: an hour of a change each second.
const REMEMBERED: usize = 4096;

/// The numbers of the last versions with their times.
#[derive(Debug, Default)]
pub struct VersionTimes(VecDeque<(u64, Timestamp)>);

impl VersionTimes {
    /// Takes note that a version is shown from now on.
    pub fn note(&mut self, generation: u64, time: Timestamp) {
        if self.0.back().is_some_and(|(last, _)| *last >= generation) {
            return;
        }
        if self.0.len() >= REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back((generation, time));
    }

    /// Returns when the first version after another one was shown, or the oldest of which it is still known; nothing when there
    /// is none after it.
    pub fn after(&self, generation: u64) -> Option<Timestamp> {
        let at = self.0.partition_point(|(known, _)| *known <= generation);
        self.0.get(at).map(|(_, time)| *time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(number: i64) -> Timestamp {
        Timestamp::from_second(number).unwrap()
    }

    #[test]
    fn who_holds_a_version_lacks_something_since_the_next_one() {
        let mut times = VersionTimes::default();
        assert_eq!(times.after(0), None);
        for generation in [1, 2, 5, 4] {
            times.note(generation, second(i64::try_from(generation).unwrap() * 10));
        }
        let after = [0, 1, 2, 3, 4, 5, 6].map(|generation| times.after(generation).map(Timestamp::as_second));
        assert_eq!(after, [Some(10), Some(20), Some(50), Some(50), Some(50), None, None]);
    }

    #[test]
    fn what_is_too_long_ago_is_told_as_the_oldest_that_is_known() {
        let mut times = VersionTimes::default();
        (1..=5000).for_each(|generation| times.note(generation, second(i64::try_from(generation).unwrap())));
        assert_eq!(times.0.len(), REMEMBERED);
        assert_eq!(times.after(3), Some(second(5001 - i64::try_from(REMEMBERED).unwrap())));
    }
}
