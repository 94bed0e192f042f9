//! The book as the rooms use it.

use super::{
    book::MemberBook,
    book_file::BookFile,
    member::{Compression, Delivered, LedgerRequest, Member, MemberFailure},
};
use crate::runtime::{clock, limits};
use anylog_block::ReturnAddress;
use std::{
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

/// The members that ask for the ledger.
#[derive(Debug, Default)]
pub struct Members {
    state: Mutex<MembersState>,
    /// The file that they are kept in.
    pub(super) file: tokio::sync::Mutex<BookFile>,
}

#[derive(Debug, Default)]
struct MembersState {
    book: MemberBook,
    totals: DeliveryTotals,
}

/// What members were sent since the start, and what did not arrive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeliveryTotals {
    /// Ledgers that arrived after a member had asked for them.
    pub pulled: u64,
    /// Ledgers that arrived unasked.
    pub pushed: u64,
    /// Those of both that were compressed.
    pub compressed: u64,
    /// Bytes of all of them on the wire.
    pub bytes: u64,
    /// Ledgers that did not arrive.
    pub failed: u64,
}

impl Members {
    /// Takes note that a member asked for the ledger. A request that cannot be answered, or whose file has a name that no
    /// member gives, is none of a member.
    pub fn asked(&self, address: &ReturnAddress, request: LedgerRequest) {
        if address.port == 0 || request.file.len() > limits::MEMBER_FILE {
            return;
        }
        let (now, time) = (Instant::now(), clock::now());
        let (caller, is_known) = (request.caller, request.is_known);
        if let Some(member) = self.state().book.entry(address, caller, is_known, now, time) {
            member.asked(request, now, time);
        }
    }

    /// Takes note that a member says, by the hash of its copy, that it holds a version already.
    pub fn unchanged(&self, address: &ReturnAddress, generation: u64, md5: &str) {
        if let Some(member) = self.state().book.get_mut(address) {
            member.holds(generation, md5.to_owned(), clock::now());
        }
    }

    /// Takes note that a ledger was written to its end on a connection to the address of a member.
    pub fn delivered(&self, address: &ReturnAddress, delivered: Delivered) {
        let mut state = self.state();
        let totals = &mut state.totals;
        totals.bytes = totals.bytes.saturating_add(delivered.bytes);
        totals.compressed += u64::from(delivered.is_compressed);
        if delivered.is_push {
            totals.pushed += 1;
        } else {
            totals.pulled += 1;
        }
        if let Some(member) = state.book.get_mut(address) {
            member.took(delivered, clock::now());
            state.book.is_changed = true;
        }
    }

    /// Takes note that a ledger did not arrive at the address of a member.
    pub fn failed(&self, address: &ReturnAddress, reason: String, is_compressed: bool) {
        let mut state = self.state();
        state.totals.failed += 1;
        if let Some(member) = state.book.get_mut(address) {
            member.missed(failure(reason), is_compressed);
            state.book.is_changed = true;
        }
    }

    /// Takes note that the ledger refused the policy of a node; nothing that it sends later takes the note away but a policy
    /// that is taken.
    pub fn policy_refused(&self, address: &ReturnAddress, caller: IpAddr, is_known: bool, reason: String) {
        if address.port == 0 {
            return;
        }
        if let Some(member) = self.state().book.entry(address, caller, is_known, Instant::now(), clock::now()) {
            member.refused_policy = Some(failure(reason));
        }
    }

    /// Takes note that the ledger took the policy of a node.
    pub fn policy_taken(&self, address: &ReturnAddress) {
        if let Some(member) = self.state().book.get_mut(address) {
            member.refused_policy = None;
        }
    }

    /// Returns the member with an address.
    #[must_use]
    pub fn get(&self, address: &ReturnAddress) -> Option<Member> {
        self.state().book.get_mut(address).cloned()
    }

    /// Takes note that a member says that it could not unpack a ledger.
    pub fn refuses_packed(&self, address: &ReturnAddress) {
        if let Some(member) = self.state().book.get_mut(address) {
            member.compression = Compression::Refuses;
        }
    }

    /// Returns all members, by their addresses.
    #[must_use]
    pub fn list(&self) -> Vec<Member> {
        let mut members = self.look(|members| members.cloned().collect::<Vec<_>>());
        members.sort_by_cached_key(|member| member.address.to_string());
        members
    }

    /// Looks at all members without a copy of them, in no order; the others wait meanwhile.
    pub fn look<T>(&self, look: impl FnOnce(&mut dyn Iterator<Item = &Member>) -> T) -> T {
        let mut state = self.state();
        state.book.forget_the_gone(Instant::now());
        look(&mut state.book.iter())
    }

    /// Returns what members were sent since the start.
    #[must_use]
    pub fn totals(&self) -> DeliveryTotals {
        self.state().totals
    }

    /// Adds members that were kept; to those that asked meanwhile what was kept of them is added.
    pub(super) fn restore(&self, members: impl IntoIterator<Item = Member>) {
        let mut state = self.state();
        members.into_iter().for_each(|member| state.book.restore(member));
    }

    /// Tells whether the book is not what was kept last; from now on it is taken to be.
    pub(super) fn take_changed(&self) -> bool {
        std::mem::take(&mut self.state().book.is_changed)
    }

    /// Takes note that the book was not kept after all.
    pub(super) fn set_changed(&self) {
        self.state().book.is_changed = true;
    }

    fn state(&self) -> MutexGuard<'_, MembersState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn failure(reason: String) -> MemberFailure {
    let mut reason = reason;
    reason.truncate(reason.floor_char_boundary(limits::MEMBER_REASON));
    MemberFailure { time: clock::now(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::members::{LedgerVersion, MemberState};
    use std::time::Duration;

    fn address(port: u16) -> ReturnAddress {
        ReturnAddress::new("10.0.0.7", port)
    }

    fn ask(members: &Members, port: u16) {
        let caller = [10, 0, 0, 7].into();
        let request = LedgerRequest { caller, is_known: true, file: "/a/blockchain.new".to_owned(), hash: None };
        members.asked(&address(port), request);
    }

    fn version(generation: u64) -> Delivered {
        let md5 = format!("{generation:032x}");
        Delivered { generation, md5, bytes: 100, is_push: generation > 1, is_compressed: false }
    }

    fn one(members: &Members) -> Member {
        let [member] = members.list().try_into().unwrap();
        member
    }

    fn state(members: &Members, later: Duration, generation: u64) -> MemberState {
        one(members).state(Instant::now() + later, &LedgerVersion { generation, md5: None })
    }

    #[test]
    fn a_member_is_current_behind_failing_and_silent() {
        let members = Members::default();
        ask(&members, 1);
        assert_eq!(state(&members, Duration::ZERO, 1), MemberState::Unknown);
        members.delivered(&address(1), version(1));
        assert_eq!(state(&members, Duration::ZERO, 1), MemberState::Current);
        assert_eq!(state(&members, Duration::ZERO, 2), MemberState::Behind);
        members.failed(&address(1), "no way".to_owned(), false);
        assert_eq!(state(&members, Duration::ZERO, 1), MemberState::Failing);
        assert_eq!(state(&members, limits::MEMBER_SILENT * 2, 1), MemberState::Silent);
        members.delivered(&address(1), version(2));
        let member = one(&members);
        assert_eq!((member.failures, member.deliveries, member.pushes, member.bytes), (0, 2, 1, 200));
        assert_eq!(member.last_error.unwrap().reason, "no way", "what went wrong stays to be read");
        let totals = DeliveryTotals { pulled: 1, pushed: 1, compressed: 0, bytes: 200, failed: 1 };
        assert_eq!(members.totals(), totals);
    }

    #[test]
    fn an_older_delivery_that_ends_late_changes_nothing() {
        let members = Members::default();
        ask(&members, 1);
        members.delivered(&address(1), version(5));
        let since = one(&members).held.unwrap().since;
        members.delivered(&address(1), version(4));
        members.unchanged(&address(1), 6, &version(5).md5);
        let held = one(&members).held.unwrap();
        assert_eq!((held.generation, held.md5, held.since), (6, version(5).md5, since));
    }

    #[test]
    fn who_does_not_take_a_compressed_ledger_is_known() {
        let members = Members::default();
        let after = |is_compressed, arrives| {
            match arrives {
                true => members.delivered(&address(1), Delivered { is_compressed, ..version(1) }),
                false => members.failed(&address(1), String::new(), is_compressed),
            }
            one(&members).compression
        };
        ask(&members, 1);
        assert_eq!(after(true, false), Compression::Refuses);
        assert_eq!(after(false, true), Compression::Refuses);
        assert_eq!(after(false, false), Compression::Unknown, "it was away altogether");
        assert_eq!(after(true, true), Compression::Takes);
        assert_eq!(after(true, false), Compression::Takes);
    }

    #[test]
    fn who_says_that_it_cannot_unpack_a_ledger_is_believed_before_its_delivery_has_ended() {
        let members = Members::default();
        ask(&members, 1);
        members.refuses_packed(&address(1));
        members.delivered(&address(1), Delivered { is_compressed: true, ..version(1) });
        assert_eq!(one(&members).compression, Compression::Refuses);
    }

    #[test]
    fn what_was_kept_is_added_to_what_a_member_did_since() {
        let (kept, members) = (Members::default(), Members::default());
        ask(&kept, 1);
        ask(&kept, 1);
        kept.delivered(&address(1), version(1));
        kept.failed(&address(1), "away".to_owned(), true);
        kept.policy_refused(&address(1), [10, 0, 0, 8].into(), true, "another number".to_owned());
        let before = one(&kept);
        ask(&members, 1);
        members.delivered(&address(1), version(2));
        members.restore(kept.list());
        let member = one(&members);
        assert_eq!((member.first_seen, member.requests, member.callers.len()), (before.first_seen, 3, 2));
        assert_eq!((member.deliveries, member.pushes, member.bytes), (2, 1, 200));
        assert_eq!((member.last_error, member.refused_policy), (before.last_error, before.refused_policy));
        assert_eq!((member.compression, member.failures), (Compression::Refuses, 0));
        assert_eq!(member.held.unwrap().generation, 2, "what it holds is known from this run");
        // What this run knows is newer.
        let members = Members::default();
        ask(&members, 1);
        members.delivered(&address(1), Delivered { is_compressed: true, ..version(2) });
        members.failed(&address(1), "stuck".to_owned(), false);
        members.restore(kept.list());
        let member = one(&members);
        assert_eq!((member.compression, member.last_error.unwrap().reason), (Compression::Takes, "stuck".to_owned()));
    }

    #[test]
    fn what_nobody_can_answer_is_no_member() {
        let members = Members::default();
        ask(&members, 0);
        let long = "x".repeat(limits::MEMBER_FILE + 1);
        let caller = [10, 0, 0, 7].into();
        members.asked(&address(1), LedgerRequest { caller, is_known: false, file: long, hash: None });
        members.policy_refused(&address(0), caller, false, String::new());
        assert!(members.list().is_empty());
    }

    #[test]
    fn a_refused_policy_is_told_until_one_is_taken() {
        let members = Members::default();
        members.policy_refused(&address(1), [10, 0, 0, 7].into(), false, "ü".repeat(limits::MEMBER_REASON));
        assert_eq!(one(&members).refused_policy.unwrap().reason.len(), limits::MEMBER_REASON);
        ask(&members, 1);
        assert!(one(&members).refused_policy.is_some());
        members.policy_taken(&address(1));
        assert!(one(&members).refused_policy.is_none());
    }
}
