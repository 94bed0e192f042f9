//! One member as the book knows it.

use super::version::{HeldVersion, LedgerVersion};
use crate::runtime::limits;
use anylog_block::ReturnAddress;
use jiff::Timestamp;
use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

/// What a member sends when it asks for the ledger (reference/tcp-protocol 7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerRequest {
    /// Address of the connection.
    pub caller: IpAddr,
    /// True for a sender on this machine, and for one that the operator or the ledger knows: strangers make room first.
    pub is_known: bool,
    /// Name of the file on the member.
    pub file: String,
    /// MD5 of its copy; nothing when it does not say.
    pub hash: Option<String>,
}

/// A ledger that a member took to the last byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// Number of the view that it is the export of.
    pub generation: u64,
    /// Its MD5, uncompressed.
    pub md5: String,
    /// Bytes on the wire.
    pub bytes: u64,
    /// True when the member had not asked for it.
    pub is_push: bool,
    /// True when it was compressed.
    pub is_compressed: bool,
}

/// Why something for a member or of it failed, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberFailure {
    /// When.
    pub time: Timestamp,
    /// Why, in words.
    pub reason: String,
}

/// Whether a member takes a compressed ledger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// It was not sent any yet.
    #[default]
    Unknown,
    /// It took one.
    Takes,
    /// It did not take one.
    Refuses,
}

impl Compression {
    /// Every value.
    pub const ALL: [Self; 3] = [Self::Unknown, Self::Takes, Self::Refuses];

    /// Returns the word that people read.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Takes => "takes",
            Self::Refuses => "refuses",
        }
    }
}

/// How it stands with a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberState {
    /// It holds the ledger as it is now.
    Current,
    /// It holds an older one.
    Behind,
    /// It asks, and nothing was delivered to it since this node started.
    Unknown,
    /// It does not ask any more.
    Silent,
    /// It asks, and what it is sent does not arrive.
    Failing,
}

impl MemberState {
    /// Every state, in the order in which they are told.
    pub const ALL: [Self; 5] = [Self::Current, Self::Behind, Self::Unknown, Self::Silent, Self::Failing];

    /// Returns the word that figures and people read.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Behind => "behind",
            Self::Unknown => "unknown",
            Self::Silent => "silent",
            Self::Failing => "failing",
        }
    }
}

/// A node that asks this one for the ledger.
#[derive(Clone, Debug)]
pub struct Member {
    /// The address that it announces.
    pub address: ReturnAddress,
    /// Addresses that its requests came from, the last one first; at most [`limits::MEMBER_CALLERS`].
    pub callers: Vec<IpAddr>,
    /// True when it was one of those that the operator or the ledger knows.
    pub is_known: bool,
    /// When it asked for the first time, also before this node was restarted.
    pub first_seen: Timestamp,
    /// When it asked last.
    pub last_seen: Timestamp,
    /// How often it asked.
    pub requests: u64,
    /// Name of the file on the member, as it asked last.
    pub file: String,
    /// MD5 of its copy as it said last.
    pub hash: Option<String>,
    /// What it holds, as far as this run of the node knows.
    pub held: Option<HeldVersion>,
    /// Bytes that it was sent.
    pub bytes: u64,
    /// Ledgers that it took.
    pub deliveries: u64,
    /// Those of them that it had not asked for.
    pub pushes: u64,
    /// Deliveries that failed since the last one that did not.
    pub failures: u32,
    /// What went wrong last.
    pub last_error: Option<MemberFailure>,
    /// Whether it takes a compressed ledger.
    pub compression: Compression,
    /// A policy of the node that the ledger refused, until it takes one from there.
    pub refused_policy: Option<MemberFailure>,
    /// When it asked last in this run, or when this node learnt of it from its file.
    pub(super) heard: Instant,
    /// For how long it had not asked when this node learnt of it from its file; nothing once it asks in this run.
    pub(super) silent_before: Duration,
}

impl Member {
    /// Creates a member that has not asked yet.
    #[must_use]
    pub(super) fn new(address: &ReturnAddress, now: Instant, time: Timestamp) -> Self {
        Self {
            address: address.clone(),
            callers: Vec::new(),
            is_known: false,
            first_seen: time,
            last_seen: time,
            requests: 0,
            file: String::new(),
            hash: None,
            held: None,
            bytes: 0,
            deliveries: 0,
            pushes: 0,
            failures: 0,
            last_error: None,
            compression: Compression::Unknown,
            refused_policy: None,
            heard: now,
            silent_before: Duration::ZERO,
        }
    }

    /// Tells how it stands with the member while the ledger has a version.
    #[must_use]
    pub fn state(&self, now: Instant, current: &LedgerVersion) -> MemberState {
        match &self.held {
            _ if now.saturating_duration_since(self.heard) > limits::MEMBER_SILENT => MemberState::Silent,
            _ if self.failures > 0 => MemberState::Failing,
            None => MemberState::Unknown,
            Some(held) if current.is_held_as(held) => MemberState::Current,
            Some(_) => MemberState::Behind,
        }
    }

    /// Returns for how long it has asked for the ledger: the time between the first and the last request that are known.
    #[must_use]
    pub fn asked_for(&self) -> Duration {
        self.last_seen.duration_since(self.first_seen).unsigned_abs()
    }

    /// Takes note of where the member was heard from.
    pub(super) fn heard_from(&mut self, caller: IpAddr, is_known: bool) {
        let caller = caller.to_canonical();
        self.callers.retain(|known| *known != caller);
        self.callers.insert(0, caller);
        self.callers.truncate(limits::MEMBER_CALLERS);
        self.is_known = is_known;
    }

    /// Takes note of a request.
    pub(super) fn asked(&mut self, request: LedgerRequest, now: Instant, time: Timestamp) {
        self.heard_from(request.caller, request.is_known);
        (self.heard, self.last_seen, self.silent_before) = (now, time, Duration::ZERO);
        self.requests = self.requests.saturating_add(1);
        self.file = request.file;
        self.hash = request.hash;
    }

    /// Takes note that the member holds a version; the end of an older delivery changes nothing.
    pub(super) fn holds(&mut self, generation: u64, md5: String, time: Timestamp) {
        if self.held.as_ref().is_some_and(|held| held.generation > generation) {
            return;
        }
        let before = self.held.take().filter(|held| held.md5 == md5);
        let since = before.map_or(time, |held| held.since);
        self.held = Some(HeldVersion { generation, md5, since });
    }

    /// Takes note of a delivery that arrived.
    pub(super) fn took(&mut self, delivered: Delivered, time: Timestamp) {
        let Delivered { generation, md5, bytes, is_push, is_compressed } = delivered;
        self.holds(generation, md5, time);
        self.bytes = self.bytes.saturating_add(bytes);
        self.deliveries = self.deliveries.saturating_add(1);
        self.pushes = self.pushes.saturating_add(u64::from(is_push));
        self.failures = 0;
        // A member may say that it cannot unpack a ledger before its delivery is known to have ended: what it says counts.
        if is_compressed && self.compression == Compression::Unknown {
            self.compression = Compression::Takes;
        }
    }

    /// Adds what was kept of the member before this run to what it did since. What this run knows already is newer.
    pub(super) fn remember(&mut self, kept: Self) {
        for caller in kept.callers {
            if !self.callers.contains(&caller) {
                self.callers.push(caller);
            }
        }
        self.callers.truncate(limits::MEMBER_CALLERS);
        self.first_seen = self.first_seen.min(kept.first_seen);
        self.last_seen = self.last_seen.max(kept.last_seen);
        self.requests = self.requests.saturating_add(kept.requests);
        self.bytes = self.bytes.saturating_add(kept.bytes);
        self.deliveries = self.deliveries.saturating_add(kept.deliveries);
        self.pushes = self.pushes.saturating_add(kept.pushes);
        if self.file.is_empty() {
            self.file = kept.file;
        }
        if self.compression == Compression::Unknown {
            self.compression = kept.compression;
        }
        self.last_error = self.last_error.take().or(kept.last_error);
        self.refused_policy = self.refused_policy.take().or(kept.refused_policy);
    }

    /// Takes note of a delivery that did not arrive. A member that took compressed ledgers is away for another reason, and so
    /// is one that does not take a plain one either.
    pub(super) fn missed(&mut self, failure: MemberFailure, is_compressed: bool) {
        self.failures = self.failures.saturating_add(1);
        self.last_error = Some(failure);
        self.compression = match (self.compression, is_compressed) {
            (Compression::Unknown, true) => Compression::Refuses,
            (Compression::Refuses, false) => Compression::Unknown,
            (known, _) => known,
        };
    }
}
