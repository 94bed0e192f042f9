//! Ids of requests: the caller's own, or a new one. An id stands in the reply and in the log lines of its request.

use crate::runtime::limits;
use hyper::header::{HeaderName, HeaderValue};
use std::sync::atomic::{AtomicU64, Ordering};

/// Header line that carries the id, in requests and replies.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives ids that no other start of a server is likely to give.
#[derive(Debug)]
pub struct RequestIds {
    next: AtomicU64,
}

impl RequestIds {
    /// Creates the ids of one start.
    #[must_use]
    pub fn new() -> Self {
        let start = getrandom::u32().unwrap_or_else(|_| std::process::id());
        Self { next: AtomicU64::new(u64::from(start) << u32::BITS) }
    }

    /// Returns the id of a request: the one it brings when a log can take it, else a new one.
    #[must_use]
    pub fn id_for(&self, given: Option<&HeaderValue>) -> HeaderValue {
        match given {
            Some(given) if is_loggable(given.as_bytes()) => given.clone(),
            _ => self.next.fetch_add(1, Ordering::Relaxed).into(),
        }
    }
}

/// Tells whether an id is short and of visible characters without quotes.
fn is_loggable(id: &[u8]) -> bool {
    (1..=limits::REST_REQUEST_ID).contains(&id.len())
        && id.iter().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_callers_id_unless_it_would_spoil_the_log() {
        let ids = RequestIds::new();
        assert_eq!(ids.id_for(Some(&HeaderValue::from_static("gui-7:a/b"))), "gui-7:a/b");
        for wrong in ["", "two words", "a\"b"] {
            assert_ne!(ids.id_for(Some(&HeaderValue::from_static(wrong))), wrong);
        }
    }

    #[test]
    fn every_request_of_every_start_has_its_own_id() {
        let ids = RequestIds::new();
        assert_ne!(ids.id_for(None), ids.id_for(None));
        assert_ne!(ids.id_for(None), RequestIds::new().id_for(None));
    }
}
