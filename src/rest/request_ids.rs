//! Ids of requests: the caller's own, or a new one. An id stands in the reply and in the log lines of its request.

use crate::runtime::limits;
use bytes::Bytes;
use hyper::header::{HeaderName, HeaderValue};

/// Header line that carries the id, in requests and replies.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Least number of digits behind the start.
const DIGITS: u32 = 6;

/// Gives ids that no other start of a server gives.
#[derive(Debug)]
pub struct RequestIds {
    start: String,
}

impl RequestIds {
    /// Creates the ids of one start.
    #[must_use]
    pub fn new() -> Self {
        let start = getrandom::u32().unwrap_or_else(|_| std::process::id());
        Self { start: format!("{start:08x}-") }
    }

    /// Returns the id of a request: the one it brings when a log can take it, else one made of its number.
    #[must_use]
    pub fn of(&self, given: Option<&HeaderValue>, number: u64) -> HeaderValue {
        match given {
            Some(given) if is_loggable(given.as_bytes()) => given.clone(),
            _ => self.numbered(number),
        }
    }

    /// Writes a number in hexadecimal digits, with zeros in front: every reply needs it, and the formatter takes longer.
    fn numbered(&self, number: u64) -> HeaderValue {
        let digits = number.checked_ilog(16).map_or(1, |highest| highest + 1).max(DIGITS);
        let mut id = Vec::with_capacity(self.start.len() + digits as usize);
        id.extend_from_slice(self.start.as_bytes());
        id.extend((0..digits).rev().map(|place| hexadecimal(number >> (4 * place))));
        HeaderValue::from_maybe_shared(Bytes::from(id)).unwrap_or(HeaderValue::from_static("unknown"))
    }
}

/// Returns the digit of the lowest four bits.
fn hexadecimal(number: u64) -> u8 {
    match u8::try_from(number & 0xf).unwrap_or_default() {
        digit @ 0..=9 => b'0' + digit,
        letter => b'a' + letter - 10,
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
        assert_eq!(ids.of(Some(&HeaderValue::from_static("gui-7:a/b")), 1), "gui-7:a/b");
        for wrong in ["", "two words", "a\"b"] {
            assert_ne!(ids.of(Some(&HeaderValue::from_static(wrong)), 1), wrong);
        }
    }

    #[test]
    fn numbers_are_written_like_everywhere() {
        let ids = RequestIds { start: "1-".to_owned() };
        for number in [0, 0xf, 0x10, 0x00ab_cdef, 0x1000_0000, u64::MAX] {
            assert_eq!(ids.of(None, number), format!("1-{number:06x}"));
        }
    }

    #[test]
    fn every_request_of_every_start_has_its_own_id() {
        let ids = RequestIds::new();
        assert_ne!(ids.of(None, 1), ids.of(None, 2));
        assert_ne!(ids.of(None, 1), RequestIds::new().of(None, 1));
    }
}
