//! Ids of requests: the caller's own, or a new one. An id stands in the reply and in the log lines of its request.

use crate::runtime::limits;
use hyper::header::{HeaderName, HeaderValue};
use std::sync::atomic::{AtomicU64, Ordering};

/// Header line that carries the id, in requests and replies.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Least number of digits behind the start.
const DIGITS: usize = 6;

/// Gives ids that no other start of a server gives.
#[derive(Debug)]
pub struct RequestIds {
    start: String,
    next: AtomicU64,
}

impl RequestIds {
    /// Creates the ids of one start.
    #[must_use]
    pub fn new() -> Self {
        let start = getrandom::u32().unwrap_or_else(|_| std::process::id());
        Self { start: format!("{start:08x}-"), next: AtomicU64::new(1) }
    }

    /// Returns the id of a request: the one it brings when a log can take it, else a new one.
    #[must_use]
    pub fn of(&self, given: Option<&HeaderValue>) -> HeaderValue {
        match given {
            Some(given) if is_loggable(given.as_bytes()) => given.clone(),
            _ => self.fresh(),
        }
    }

    fn fresh(&self) -> HeaderValue {
        let mut id = String::with_capacity(self.start.len() + DIGITS);
        id.push_str(&self.start);
        push_hexadecimal(&mut id, self.next.fetch_add(1, Ordering::Relaxed));
        HeaderValue::try_from(id).unwrap_or(HeaderValue::from_static("unknown"))
    }
}

/// Writes a number in hexadecimal digits, with zeros in front: every reply needs it, and the formatter takes longer.
fn push_hexadecimal(text: &mut String, number: u64) {
    let needed = number.checked_ilog(16).map_or(1, |highest| highest as usize + 1);
    for place in (0..needed.max(DIGITS)).rev() {
        let digit = u32::try_from((number >> (4 * place)) & 0xf).ok().and_then(|digit| char::from_digit(digit, 16));
        text.extend(digit);
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
        assert_eq!(ids.of(Some(&HeaderValue::from_static("gui-7:a/b"))), "gui-7:a/b");
        for wrong in ["", "two words", "a\"b"] {
            assert_ne!(ids.of(Some(&HeaderValue::from_static(wrong))), wrong);
        }
    }

    #[test]
    fn numbers_are_written_like_everywhere() {
        for number in [0, 0xf, 0x10, 0x00ab_cdef, 0x1000_0000, u64::MAX] {
            let mut text = String::new();
            push_hexadecimal(&mut text, number);
            assert_eq!(text, format!("{number:06x}"));
        }
    }

    #[test]
    fn never_gives_an_id_twice() {
        let ids = RequestIds::new();
        assert_ne!(ids.of(None), ids.of(None));
    }
}
