//! Which members surely have the ledger that they ask for again (reference/tcp-protocol 15.2).
//!
//! Members ask with the hash 0 in every round, whatever they have. Nothing in the request tells a round from a member that
//! started anew, or from a person who deleted the copy and synchronises by hand. What tells them apart is the time: a round
//! comes when it is due, to within a moment, and what else makes a member ask comes at another time. So the file is left out
//! only for a member that took this very version twice to its end and asks again exactly when its next round is due.

use crate::runtime::limits;
use anylog_block::ReturnAddress;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Times that a member has to take a version before it counts as held: a member drops a file that comes while it works on
/// another, and takes the next one.
const TAKEN: u32 = 2;

/// A request for the ledger, as far as it tells who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poll {
    /// Address of the connection.
    pub caller: IpAddr,
    /// Name of the file on the member.
    pub file: String,
    /// True when the member says nothing of what it has and does not trace, as members do in their rounds.
    pub is_plain: bool,
}

/// When members ask, and what they took.
#[derive(Debug, Default)]
pub struct PollRhythms {
    members: Mutex<HashMap<ReturnAddress, PollRhythm>>,
}

#[derive(Debug)]
struct PollRhythm {
    poll: Poll,
    last: Instant,
    /// The last two times between its requests, the older one first; each is there while nothing broke the rhythm.
    gaps: [Option<Duration>; 2],
    taken: Option<TakenVersion>,
}

/// A version that a member took to its end.
#[derive(Debug)]
struct TakenVersion {
    md5: String,
    times: u32,
    last: Instant,
}

impl PollRhythms {
    /// Takes note of a request, and tells whether the member has the version with this MD5 and needs no file. A file is left
    /// out only when that of the next round comes within `refresh` of the last one: with a file a member merges what it has,
    /// and sends what only its own copy knows.
    #[must_use]
    pub fn may_spare(&self, member: &ReturnAddress, poll: Poll, md5: &str, refresh: Duration) -> bool {
        self.may_spare_at(Instant::now(), member, poll, md5, refresh)
    }

    fn may_spare_at(&self, now: Instant, member: &ReturnAddress, poll: Poll, md5: &str, refresh: Duration) -> bool {
        let mut members = self.lock();
        if members.len() >= limits::MEMBERS && !members.contains_key(member) {
            members.retain(|_, rhythm| now.saturating_duration_since(rhythm.last) < limits::MEMBER_SILENT);
            if members.len() >= limits::MEMBERS {
                return false;
            }
        }
        let Some(rhythm) = members.get_mut(member).filter(|rhythm| rhythm.poll == poll && poll.is_plain) else {
            members.insert(member.clone(), PollRhythm { poll, last: now, gaps: [None, None], taken: None });
            return false;
        };
        let is_due = rhythm.ask(now);
        let round = rhythm.gaps[1].unwrap_or_default();
        let taken = rhythm.taken.as_ref().filter(|taken| taken.md5 == md5 && taken.times >= TAKEN);
        let next = |taken: &TakenVersion| now.saturating_duration_since(taken.last).saturating_add(round);
        // Rounds are a little longer than their name says, and the time before a file was taken belongs to them.
        is_due && taken.is_some_and(|taken| next(taken) <= refresh.saturating_add(round / 20))
    }

    /// Takes note that a member took a version to its end: it read all of it and closed the connection.
    pub fn taken(&self, member: &ReturnAddress, md5: &str) {
        self.taken_at(Instant::now(), member, md5);
    }

    fn taken_at(&self, now: Instant, member: &ReturnAddress, md5: &str) {
        let mut members = self.lock();
        let Some(rhythm) = members.get_mut(member) else { return };
        let times = rhythm.taken.as_ref().filter(|taken| taken.md5 == md5).map_or(0, |taken| taken.times);
        rhythm.taken = Some(TakenVersion { md5: md5.to_owned(), times: times.saturating_add(1), last: now });
    }

    /// Takes note that something else happened with a member: it did not take a file, or it sent what members send when they
    /// start. What it has is not known any more.
    pub fn disturbed(&self, member: &ReturnAddress) {
        if let Some(rhythm) = self.lock().get_mut(member) {
            rhythm.disturb();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ReturnAddress, PollRhythm>> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PollRhythm {
    /// Takes note of a request, and tells whether it came when the next round was due.
    fn ask(&mut self, now: Instant) -> bool {
        let gap = now.saturating_duration_since(self.last);
        self.last = now;
        let is_like = |other: Duration| {
            gap + limits::MEMBER_EARLY >= other && gap <= other + limits::MEMBER_LATE && gap >= limits::MEMBER_ROUND
        };
        let is_due = match self.gaps {
            [Some(one), Some(other)] => is_like(one.min(other)),
            _ => false,
        };
        let goes_on = match self.gaps {
            [_, Some(last)] => is_like(last),
            _ => gap >= limits::MEMBER_ROUND,
        };
        if goes_on {
            self.gaps = [self.gaps[1], Some(gap)];
        } else {
            self.disturb();
        }
        is_due && goes_on
    }

    fn disturb(&mut self) {
        (self.gaps, self.taken) = ([None, None], None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUND: Duration = Duration::from_secs(30);
    const REFRESH: Duration = Duration::from_secs(300);

    /// A member whose requests come at chosen times.
    struct Asking {
        rhythms: PollRhythms,
        member: ReturnAddress,
        now: Instant,
    }

    impl Asking {
        fn new() -> Self {
            let member = ReturnAddress::new("10.0.0.7", 32148);
            Self { rhythms: PollRhythms::default(), member, now: Instant::now() }
        }

        fn poll(&mut self, after: Duration, poll: Poll, md5: &str) -> bool {
            self.now += after;
            let is_spared = self.rhythms.may_spare_at(self.now, &self.member, poll, md5, REFRESH);
            if !is_spared {
                self.rhythms.taken_at(self.now, &self.member, md5);
            }
            is_spared
        }

        fn after(&mut self, after: Duration) -> bool {
            self.poll(after, plain(), "a")
        }

        /// Asks until a request is spared, and returns how many were not.
        fn settle(&mut self) -> usize {
            (0..10).find(|_| self.after(ROUND)).unwrap()
        }
    }

    fn plain() -> Poll {
        Poll { caller: "10.0.0.7".parse().unwrap(), file: "/x/blockchain.new".to_owned(), is_plain: true }
    }

    #[test]
    fn a_member_that_keeps_its_rhythm_is_spared_until_the_refresh() {
        let mut asking = Asking::new();
        assert_eq!(asking.settle(), 3);
        let spared = (0..9).take_while(|_| asking.after(ROUND + Duration::from_millis(7))).count();
        assert_eq!(spared, 8, "the last file came ten rounds ago");
        assert!(asking.after(ROUND));
    }

    #[test]
    fn of_two_rounds_within_the_refresh_one_at_most_is_silent() {
        let (rhythms, member, start) = (PollRhythms::default(), ReturnAddress::new("10.0.0.7", 32148), Instant::now());
        let spared: Vec<bool> = (0_u32..12)
            .map(|round| {
                let now = start + round * ROUND;
                let is_spared = rhythms.may_spare_at(now, &member, plain(), "a", 2 * ROUND);
                if !is_spared {
                    // The member closes the connection when it has worked on the file.
                    rhythms.taken_at(now + Duration::from_millis(400), &member, "a");
                }
                is_spared
            })
            .collect();
        let [sent, silent] = [false, true];
        assert_eq!(spared[..3], [sent; 3], "nothing is known of it yet");
        assert_eq!(spared[3..], [silent, sent, silent, sent, silent, sent, silent, sent, silent]);
    }

    #[test]
    fn whoever_asks_at_another_time_gets_the_file() {
        let times = [5, 1000, 15_000, 29_900, 30_400, 45_000, 60_000, 90_000].map(Duration::from_millis);
        for time in times {
            let mut asking = Asking::new();
            asking.settle();
            assert!(!asking.after(time), "{time:?}");
            assert!(!asking.after(ROUND), "{time:?}: and in the round behind it");
            asking.settle();
        }
    }

    #[test]
    fn what_is_not_known_is_sent() {
        let mut asking = Asking::new();
        asking.settle();
        assert!(!asking.poll(ROUND, plain(), "b"), "another version");
        assert!(!asking.poll(ROUND, plain(), "b"), "taken once");
        assert!(asking.poll(ROUND, plain(), "b"));
        asking.rhythms.disturbed(&asking.member);
        assert!(!asking.poll(ROUND, plain(), "b"), "a failed delivery, or a start");
        for other in [
            Poll { caller: "10.0.0.8".parse().unwrap(), ..plain() },
            Poll { file: "/y/blockchain.new".to_owned(), ..plain() },
            Poll { is_plain: false, ..plain() },
        ] {
            let mut asking = Asking::new();
            asking.settle();
            assert!(!asking.poll(ROUND, other.clone(), "a"), "{other:?}");
            assert!(!asking.after(ROUND), "{other:?}");
        }
    }

    #[test]
    fn what_asks_too_often_for_a_round_is_no_member_in_its_rhythm() {
        let mut asking = Asking::new();
        assert!((0..50).all(|_| !asking.after(Duration::from_millis(6500))));
    }

    #[test]
    fn never_remembers_more_than_its_limit() {
        let rhythms = PollRhythms::default();
        for number in 0..limits::MEMBERS + 10 {
            let member = ReturnAddress { host: number.to_string(), port: 1 };
            assert!(!rhythms.may_spare(&member, plain(), "a", REFRESH));
        }
        assert_eq!(rhythms.lock().len(), limits::MEMBERS);
    }
}
