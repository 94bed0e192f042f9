//! The pages of the book: so many members, and which of them makes room for another one.

use super::member::Member;
use crate::runtime::limits;
use anylog_block::ReturnAddress;
use jiff::Timestamp;
use std::{
    collections::HashMap,
    net::IpAddr,
    time::{Duration, Instant},
};

/// All members that are remembered, by their address; at most [`limits::MEMBERS`].
#[derive(Debug, Default)]
pub(super) struct MemberBook {
    members: HashMap<String, Member>,
    /// True when it is not what was kept last.
    pub is_changed: bool,
}

impl MemberBook {
    /// Returns the member with an address.
    pub fn get_mut(&mut self, address: &ReturnAddress) -> Option<&mut Member> {
        self.members.get_mut(&address.to_string())
    }

    /// Returns all members.
    pub fn iter(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }

    /// Returns the member with an address, a new one when there is room for it; nothing when there is none.
    pub fn entry(
        &mut self,
        address: &ReturnAddress,
        caller: IpAddr,
        is_known: bool,
        now: Instant,
        time: Timestamp,
    ) -> Option<&mut Member> {
        let key = address.to_string();
        if !self.members.contains_key(&key) && !self.make_room(is_known, now) {
            return None;
        }
        self.is_changed = true;
        let member = self.members.entry(key).or_insert_with(|| Member::new(address, now, time));
        member.heard_from(caller, is_known);
        Some(member)
    }

    /// Adds a member that was kept, unless there is no room without a loss. To one that has asked meanwhile is added what was
    /// kept of it.
    pub fn restore(&mut self, kept: Member) {
        let key = kept.address.to_string();
        if let Some(member) = self.members.get_mut(&key) {
            member.remember(kept);
        } else if self.members.len() < limits::MEMBERS {
            self.members.insert(key, kept);
        }
    }

    /// Forgets the members that were not heard of for [`limits::MEMBER_FORGOTTEN`].
    pub fn forget_the_gone(&mut self, now: Instant) {
        let before = self.members.len();
        self.members.retain(|_, member| silence(member, now) < limits::MEMBER_FORGOTTEN);
        self.is_changed |= self.members.len() < before;
    }

    /// Makes room for one more. Strangers go first: of the address that most of them ask from the one that was not heard of
    /// for the longest time, so that nobody with many addresses of his own puts out those who have one. A member that is
    /// known goes for another one that is known.
    fn make_room(&mut self, is_known: bool, now: Instant) -> bool {
        if self.members.len() < limits::MEMBERS {
            return true;
        }
        self.forget_the_gone(now);
        if self.members.len() < limits::MEMBERS {
            return true;
        }
        let mut strangers: HashMap<Option<IpAddr>, usize> = HashMap::new();
        for member in self.members.values().filter(|member| !member.is_known) {
            *strangers.entry(last_caller(member)).or_default() += 1;
        }
        let most = strangers.into_iter().max_by_key(|(_, count)| *count).map(|(caller, _)| caller);
        let goes = |member: &Member| match &most {
            Some(caller) => !member.is_known && last_caller(member) == *caller,
            None => is_known,
        };
        let candidates = self.members.iter().filter(|(_, member)| goes(member));
        let oldest = candidates.max_by_key(|(_, member)| silence(member, now)).map(|(key, _)| key.clone());
        oldest.is_some_and(|key| self.members.remove(&key).is_some())
    }
}

/// Returns how long nothing was heard of a member, before this run as well.
fn silence(member: &Member, now: Instant) -> Duration {
    now.saturating_duration_since(member.heard).saturating_add(member.silent_before)
}

fn last_caller(member: &Member) -> Option<IpAddr> {
    member.callers.first().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(number: usize) -> ReturnAddress {
        ReturnAddress::new("10.0.0.7", u16::try_from(number).unwrap())
    }

    fn has(book: &mut MemberBook, number: usize) -> bool {
        book.get_mut(&at(number)).is_some()
    }

    #[test]
    fn strangers_make_room_and_those_who_are_known_stay() {
        let (mut book, start, time) = (MemberBook::default(), Instant::now(), Timestamp::UNIX_EPOCH);
        let [honest, lone, hostile] = ["10.0.0.7", "192.0.2.1", "192.0.2.66"].map(|ip| ip.parse::<IpAddr>().unwrap());
        let add = |book: &mut MemberBook, number: usize, caller, is_known| {
            let now = start + Duration::from_millis(u64::try_from(number).unwrap());
            book.entry(&at(number), caller, is_known, now, time).is_some()
        };
        assert!(add(&mut book, 1, lone, false) && add(&mut book, 2, honest, true));
        for number in 3..=limits::MEMBERS + 20 {
            assert!(add(&mut book, number, hostile, false));
        }
        assert_eq!(book.iter().count(), limits::MEMBERS);
        assert!(has(&mut book, 1) && has(&mut book, 2), "neither is pushed out");
        assert!(!has(&mut book, 3) && has(&mut book, limits::MEMBERS + 20), "the oldest of the many goes");
        // A full book of members that are known has no room for strangers, and room for one more of their own.
        let mut book = MemberBook::default();
        for number in 1..=limits::MEMBERS {
            assert!(add(&mut book, number, honest, true));
        }
        assert!(!add(&mut book, limits::MEMBERS + 1, hostile, false));
        assert!(add(&mut book, limits::MEMBERS + 2, honest, true) && !has(&mut book, 1));
    }
}
