//! What the log says about messages of others: so much in a while, since their senders decide how many there are.

use crate::runtime::limits;
use std::sync::{Mutex, PoisonError};
use tokio::time::Instant;

/// Counts the lines of the log that others cause.
#[derive(Debug)]
pub struct Complaints {
    state: Mutex<ComplaintCounts>,
}

#[derive(Debug)]
struct ComplaintCounts {
    since: Instant,
    said: u32,
    left_out: u64,
}

impl Default for Complaints {
    fn default() -> Self {
        Self { state: Mutex::new(ComplaintCounts { since: Instant::now(), said: 0, left_out: 0 }) }
    }
}

impl Complaints {
    /// Says something when there is room for it; what was left out is counted and told with the next one.
    pub fn say(&self, line: impl FnOnce()) {
        let (may, left_out) = self.count(Instant::now());
        if left_out > 0 {
            tracing::warn!(left_out, "more was wrong with messages of other nodes than the log was told");
        }
        if may {
            line();
        }
    }

    /// Tells whether one more line has room, and how many had none before it.
    fn count(&self, now: Instant) -> (bool, u64) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut left_out = 0;
        if now.duration_since(state.since) >= limits::PEER_COMPLAINTS_TIME {
            left_out = state.left_out;
            *state = ComplaintCounts { since: now, said: 0, left_out: 0 };
        }
        if state.said < limits::PEER_COMPLAINTS {
            state.said += 1;
            return (true, left_out);
        }
        state.left_out = state.left_out.saturating_add(1);
        (false, left_out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_much_is_said_in_a_while_and_the_rest_is_counted() {
        let complaints = Complaints::default();
        let now = Instant::now();
        let said = (0..limits::PEER_COMPLAINTS + 7).filter(|_| complaints.count(now).0).count();
        assert_eq!(u32::try_from(said), Ok(limits::PEER_COMPLAINTS));
        let later = now + 2 * limits::PEER_COMPLAINTS_TIME;
        assert_eq!(complaints.count(later), (true, 7));
        assert_eq!(complaints.count(later), (true, 0));
    }
}
