//! Lines of the log that somebody else can cause: each kind is told now and then, not each time.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Time between two lines of a kind.
const PAUSE: Duration = Duration::from_secs(10);

/// Tells when a line may be written again.
#[derive(Debug, Default)]
pub struct Rare(Mutex<Told>);

#[derive(Debug, Default)]
struct Told {
    last: Option<Instant>,
    left_out: u64,
}

impl Rare {
    /// Returns how many lines were left out since the last one when a line may be written, else nothing.
    pub fn may_tell(&self) -> Option<u64> {
        self.may_tell_at(Instant::now())
    }

    fn may_tell_at(&self, now: Instant) -> Option<u64> {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.last.is_some_and(|last| now.duration_since(last) < PAUSE) {
            told.left_out = told.left_out.saturating_add(1);
            return None;
        }
        told.last = Some(now);
        Some(std::mem::take(&mut told.left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_told_now_and_then_with_what_was_left_out() {
        let (rare, start) = (Rare::default(), Instant::now());
        assert_eq!(rare.may_tell_at(start), Some(0));
        assert_eq!((rare.may_tell_at(start), rare.may_tell_at(start)), (None, None));
        assert_eq!(rare.may_tell_at(start + PAUSE), Some(2));
    }
}
