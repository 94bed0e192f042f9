//! Who is sent the ledger next without asking: each member at most once in an interval, and the last state in any case.

use crate::runtime::limits;
use anylog_block::ReturnAddress;
use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};
use tokio::time::Instant;

/// How a delivery to a member ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushEnd {
    /// The member has the version, or a later one is on its way to it.
    Served,
    /// Another file took its place, or the server stops: it is looked at again.
    Again,
    /// It did not take it: it is left in peace for a while.
    Failed,
    /// It may not have it now, whatever its state: the next change is another matter.
    Refused,
}

/// What members have to be sent.
#[derive(Debug, Default)]
pub struct PushPlan {
    /// Number of the last version.
    version: u64,
    members: HashMap<ReturnAddress, PushTurn>,
    /// Those that wait, by the time from which on they may be served.
    waiting: BTreeSet<(Instant, u64)>,
    /// The members by their numbers.
    numbers: HashMap<u64, ReturnAddress>,
    last_number: u64,
}

#[derive(Debug)]
struct PushTurn {
    number: u64,
    /// From when on the member may be sent another ledger.
    ready: Instant,
    /// Where it stands in the plan's queue.
    waits: Option<Instant>,
    under_way: Option<PushUnderWay>,
    /// Version that it was sent last.
    sent: u64,
    failures: u32,
    /// How often it had asked for the ledger when it was last looked at.
    requests: u64,
    /// True once it is no member any more, while something is still on its way to it.
    is_gone: bool,
}

/// A ledger on its way.
#[derive(Clone, Copy, Debug)]
struct PushUnderWay {
    version: u64,
    due: Instant,
    begin: Instant,
}

impl PushPlan {
    /// Takes note of a new version that members have to get, each with the number of its requests so far. Who is not among them
    /// any more is forgotten.
    pub fn change(&mut self, version: u64, members: impl IntoIterator<Item = (ReturnAddress, u64)>, now: Instant) {
        self.version = self.version.max(version);
        let mut left = std::mem::take(&mut self.members);
        self.waiting.clear();
        self.numbers.clear();
        for (address, requests) in members {
            let mut turn = left.remove(&address).unwrap_or_else(|| self.new_turn(now));
            if turn.failures > 0 && requests > turn.requests {
                // It asked meanwhile, so it may be there again: one that was restarted does not wait for the end of its pause.
                turn.ready = turn.ready.min(now);
                turn.waits = turn.waits.map(|from| from.min(now));
            }
            turn.requests = requests;
            turn.is_gone = false;
            self.numbers.insert(turn.number, address.clone());
            if turn.under_way.is_none() && turn.sent < self.version {
                let from = turn.waits.unwrap_or_else(|| turn.ready.max(now));
                turn.waits = Some(from);
                self.waiting.insert((from, turn.number));
            }
            self.members.insert(address, turn);
        }
        // What is on its way to somebody else ends as it began.
        for (address, turn) in left.into_iter().filter(|(_, turn)| turn.under_way.is_some()) {
            self.members.insert(address, PushTurn { waits: None, is_gone: true, ..turn });
        }
    }

    /// Returns from when on somebody may be served.
    #[must_use]
    pub fn next(&self) -> Option<Instant> {
        self.waiting.first().map(|(from, _)| *from)
    }

    /// Takes the next member that may be served now.
    pub fn take(&mut self, now: Instant) -> Option<ReturnAddress> {
        let (from, number) = self.waiting.first().copied().filter(|(from, _)| *from <= now)?;
        self.waiting.remove(&(from, number));
        let address = self.numbers.get(&number)?.clone();
        let turn = self.members.get_mut(&address)?;
        turn.waits = None;
        turn.under_way = Some(PushUnderWay { version: self.version, due: from, begin: now });
        Some(address)
    }

    /// Takes note of how a delivery ended. A member that was slow to take it, or for which this node was, has to wait twice
    /// that time for the next one, so that a stream of changes leaves room for other work.
    pub fn end(&mut self, address: &ReturnAddress, end: PushEnd, interval: Duration, now: Instant) {
        let Some(turn) = self.members.get_mut(address) else { return };
        if turn.is_gone {
            self.members.remove(address);
            return;
        }
        let Some(PushUnderWay { version, due, begin }) = turn.under_way.take() else { return };
        let slow = due + now.saturating_duration_since(due).saturating_mul(2);
        turn.ready = slow.max(begin + interval);
        match end {
            PushEnd::Served | PushEnd::Refused => (turn.failures, turn.sent) = (0, version),
            PushEnd::Again => {}
            PushEnd::Failed => {
                let pause = limits::MEMBER_BACKOFF.saturating_mul(2_u32.saturating_pow(turn.failures));
                turn.failures = turn.failures.saturating_add(1);
                turn.ready = now + pause.min(limits::MEMBER_BACKOFF_MOST);
            }
        }
        if turn.sent < self.version {
            turn.waits = Some(turn.ready);
            self.waiting.insert((turn.ready, turn.number));
        }
    }

    fn new_turn(&mut self, now: Instant) -> PushTurn {
        self.last_number += 1;
        PushTurn {
            number: self.last_number,
            ready: now,
            waits: None,
            under_way: None,
            sent: 0,
            failures: 0,
            requests: 0,
            is_gone: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_millis(250);

    fn at(port: u16) -> ReturnAddress {
        ReturnAddress::new("10.0.0.7", port)
    }

    fn asked<const N: usize>(members: [ReturnAddress; N]) -> [(ReturnAddress, u64); N] {
        members.map(|member| (member, 1))
    }

    fn after(now: Instant, millis: u64) -> Instant {
        now + Duration::from_millis(millis)
    }

    #[test]
    fn changes_in_an_interval_become_one_delivery_of_the_last() {
        let (mut plan, now) = (PushPlan::default(), Instant::now());
        plan.change(1, asked([at(1), at(2)]), now);
        assert_eq!((plan.take(now), plan.take(now), plan.take(now)), (Some(at(1)), Some(at(2)), None));
        for version in 2..9 {
            plan.change(version, asked([at(1), at(2)]), after(now, version));
            assert_eq!(plan.take(after(now, version)), None, "one at a time");
        }
        plan.end(&at(1), PushEnd::Served, INTERVAL, after(now, 10));
        plan.end(&at(2), PushEnd::Served, INTERVAL, after(now, 200));
        assert_eq!(plan.next(), Some(now + INTERVAL));
        assert_eq!((plan.take(after(now, 249)), plan.take(after(now, 250))), (None, Some(at(1))));
        plan.end(&at(1), PushEnd::Served, INTERVAL, after(now, 260));
        assert_eq!(plan.next(), Some(after(now, 400)), "who took 200 ms waits twice that");
        assert_eq!(plan.take(after(now, 400)), Some(at(2)));
        plan.end(&at(2), PushEnd::Served, INTERVAL, after(now, 410));
        assert_eq!(plan.next(), None, "all have the last version");
    }

    #[test]
    fn a_member_that_fails_is_asked_less_and_less_often() {
        let (mut plan, mut now) = (PushPlan::default(), Instant::now());
        plan.change(1, asked([at(1)]), now);
        let mut pauses = Vec::new();
        for version in 2..12 {
            assert_eq!(plan.take(now), Some(at(1)));
            plan.end(&at(1), PushEnd::Failed, INTERVAL, now);
            plan.change(version, asked([at(1)]), after(now, 1));
            let next = plan.next().unwrap();
            pauses.push((next - now).as_secs());
            now = next;
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
        assert_eq!(plan.take(now), Some(at(1)));
        plan.end(&at(1), PushEnd::Served, INTERVAL, now);
        plan.change(20, asked([at(1)]), now);
        assert_eq!(plan.next(), Some(now + INTERVAL));
    }

    #[test]
    fn a_member_that_failed_and_asks_again_is_served_at_once() {
        let (mut plan, now) = (PushPlan::default(), Instant::now());
        plan.change(1, asked([at(1)]), now);
        for _ in 0..5 {
            let due = plan.next().unwrap();
            assert_eq!(plan.take(due), Some(at(1)));
            plan.end(&at(1), PushEnd::Failed, INTERVAL, due);
        }
        let back = after(now, 16_000);
        plan.change(2, asked([at(1)]), back);
        assert!(plan.next().unwrap() > back, "it did not ask");
        plan.change(3, [(at(1), 2)], back);
        assert_eq!(plan.take(back), Some(at(1)));
        plan.end(&at(1), PushEnd::Failed, INTERVAL, back);
        assert_eq!(plan.next(), Some(back + Duration::from_secs(32)), "one that asks in vain has its pause");
    }

    #[test]
    fn who_is_no_member_any_more_is_forgotten() {
        let (mut plan, now) = (PushPlan::default(), Instant::now());
        plan.change(1, asked([at(1), at(2)]), now);
        assert_eq!(plan.take(now), Some(at(1)));
        plan.change(2, asked([at(3)]), now);
        assert_eq!((plan.take(now), plan.take(now)), (Some(at(3)), None));
        plan.end(&at(1), PushEnd::Served, INTERVAL, now);
        assert_eq!(plan.members.len(), 1);
        plan.change(4, asked([]), now);
        plan.end(&at(3), PushEnd::Refused, INTERVAL, now);
        assert!(plan.members.is_empty() && plan.waiting.is_empty() && plan.numbers.is_empty());
    }
}
