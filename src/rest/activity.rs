//! What a connection is doing: its time-outs ask, and whoever has to find a connection that gives way to others.

use rustix::time::{ClockId, clock_gettime};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// Bits of the state below those of its time.
const STATE_BITS: u32 = 3;

/// The states of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionState {
    /// Open, and nothing has come yet.
    Fresh,
    /// A header has begun.
    Header,
    /// The header is read, and there is no memory for the body yet.
    Waiting,
    /// The header is read, its body is not.
    Body,
    /// A request is worked on.
    Busy,
    /// Between two requests.
    Idle,
    /// It gave way to another one.
    Ended,
}

impl ConnectionState {
    const fn bits(self) -> u64 {
        match self {
            Self::Fresh => 0,
            Self::Header => 1,
            Self::Body => 2,
            Self::Busy => 3,
            Self::Idle => 4,
            Self::Ended => 5,
            Self::Waiting => 6,
        }
    }

    const fn of(bits: u64) -> Self {
        match bits & ((1 << STATE_BITS) - 1) {
            0 => Self::Fresh,
            1 => Self::Header,
            2 => Self::Body,
            3 => Self::Busy,
            4 => Self::Idle,
            6 => Self::Waiting,
            _ => Self::Ended,
        }
    }
}

/// What a connection is doing and since when; shared by its stream, its service, and the lists that it stands in.
#[derive(Clone, Debug)]
pub struct Activity(Arc<SharedActivity>);

#[derive(Debug)]
struct SharedActivity {
    /// The state, with the milliseconds of its beginning above it: one value, so that nobody reads one without the other.
    state: AtomicU64,
    ended: CancellationToken,
}

impl Default for Activity {
    fn default() -> Self {
        Self(Arc::new(SharedActivity {
            state: AtomicU64::new(stamped(ConnectionState::Fresh)),
            ended: CancellationToken::new(),
        }))
    }
}

/// Returns the time of the clock that costs least and is right to a few milliseconds: every request asks for it twice.
fn milliseconds() -> u64 {
    let now = clock_gettime(ClockId::MonotonicCoarse);
    let part = |number: i64, of: u64| u64::try_from(number).unwrap_or_default() / of;
    part(now.tv_sec, 1) * 1000 + part(now.tv_nsec, 1_000_000)
}

fn stamped(state: ConnectionState) -> u64 {
    (milliseconds() << STATE_BITS) | state.bits()
}

/// A request that is worked on: until this is dropped, bytes that come belong to it and begin no header.
#[derive(Debug)]
pub struct BusyGuard(Activity);

impl Drop for BusyGuard {
    fn drop(&mut self) {
        self.0.enter(ConnectionState::Idle);
    }
}

/// A body that is waited for, or that waits; when this is dropped the request is worked on.
#[derive(Debug)]
pub struct BodyGuard(Activity);

impl Drop for BodyGuard {
    fn drop(&mut self) {
        self.0.enter(ConnectionState::Busy);
    }
}

impl Activity {
    /// Takes note of a complete header; none when the connection has given way and nothing may begin on it any more.
    #[must_use]
    pub fn busy(&self) -> Option<BusyGuard> {
        self.enter(ConnectionState::Busy).then(|| BusyGuard(self.clone()))
    }

    /// Takes note that the body of the request waits for memory.
    #[must_use]
    pub fn waits(&self) -> BodyGuard {
        self.enter(ConnectionState::Waiting);
        BodyGuard(self.clone())
    }

    /// Takes note that the body of the request is waited for.
    #[must_use]
    pub fn body(&self) -> BodyGuard {
        self.enter(ConnectionState::Body);
        BodyGuard(self.clone())
    }

    /// Takes note of bytes that came; tells whether they begin a header.
    pub fn begins_header(&self) -> bool {
        let now = self.0.state.load(Ordering::Acquire);
        let begins = matches!(ConnectionState::of(now), ConnectionState::Fresh | ConnectionState::Idle);
        begins
            && self
                .0
                .state
                .compare_exchange(now, stamped(ConnectionState::Header), Ordering::AcqRel, Ordering::Acquire)
                .is_ok()
    }

    /// Returns what the connection is doing.
    #[must_use]
    pub fn state(&self) -> ConnectionState {
        ConnectionState::of(self.0.state.load(Ordering::Acquire))
    }

    /// Returns what the connection is doing and for how long.
    #[must_use]
    pub fn look(&self) -> (ConnectionState, Duration) {
        let now = self.0.state.load(Ordering::Acquire);
        let age = milliseconds().saturating_sub(now >> STATE_BITS);
        (ConnectionState::of(now), Duration::from_millis(age))
    }

    /// Makes the connection give way unless a request is worked on; tells whether it does.
    pub fn give_way(&self) -> bool {
        let now = self.0.state.load(Ordering::Acquire);
        let gives = !matches!(ConnectionState::of(now), ConnectionState::Busy | ConnectionState::Ended)
            && self
                .0
                .state
                .compare_exchange(now, stamped(ConnectionState::Ended), Ordering::AcqRel, Ordering::Acquire)
                .is_ok();
        if gives {
            self.0.ended.cancel();
        }
        gives
    }

    /// Tells whether two are of the same connection.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Waits until the connection has to give way.
    pub async fn gave_way(&self) {
        self.0.ended.cancelled().await;
    }

    /// Changes the state, from every state but the last one; tells whether it did. How long a request is worked on does not
    /// matter here, so that the time of its header stays.
    fn enter(&self, state: ConnectionState) -> bool {
        let next = if state == ConnectionState::Busy { None } else { Some(stamped(state)) };
        let change = |now| {
            let next = next.unwrap_or(now >> STATE_BITS << STATE_BITS | state.bits());
            (ConnectionState::of(now) != ConnectionState::Ended).then_some(next)
        };
        self.0.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, change).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_goes_through_its_states() {
        let activity = Activity::default();
        assert_eq!(activity.state(), ConnectionState::Fresh);
        assert!(activity.begins_header() && !activity.begins_header());
        let busy = activity.busy().unwrap();
        assert!(!activity.begins_header(), "bytes of a body begin no header");
        drop(activity.body());
        assert_eq!(activity.state(), ConnectionState::Busy);
        drop(busy);
        assert_eq!(activity.state(), ConnectionState::Idle);
        assert!(activity.begins_header());
    }

    #[tokio::test]
    async fn what_is_worked_on_never_gives_way_and_what_gave_way_works_no_more() {
        let activity = Activity::default();
        let busy = activity.busy();
        assert!(!activity.give_way());
        let body = activity.body();
        assert!(activity.give_way() && !activity.give_way(), "an unfinished body does, once");
        activity.gave_way().await;
        drop((body, busy));
        assert_eq!(activity.state(), ConnectionState::Ended);
        assert!(activity.busy().is_none() && !activity.begins_header());
    }
}
