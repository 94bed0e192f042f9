//! How a line of the history is known again: by its place and its time. Another database, and one that lost changes in a failover
//! and went on, has other changes at the same places.

use crate::ledger::history::place::{HistoryLine, HistoryPlace};
use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};

/// A line of the history as somebody keeps it who comes back to it. Its text is the place, a minus and eight digits, and for the
/// beginning of the history, which is no line, `0`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct HistoryMark {
    /// Its place; that before all lines for the beginning.
    pub place: HistoryPlace,
    /// What is left of its time, which the database keeps to the microsecond.
    of_time: u32,
}

/// A text that is no mark.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' names no change of a ledger: an id of an event is taken as it is")]
pub struct WrongMark(String);

impl HistoryMark {
    /// Marks the line at a place by its time.
    #[must_use]
    pub fn new(place: HistoryPlace, time: &str) -> Self {
        let of_time = Sha256::digest(time).iter().take(4).fold(0, |word, byte| word << 8 | u32::from(*byte));
        Self { place, of_time }
    }

    /// Tells whether it is the beginning of the history, before all lines.
    #[must_use]
    pub fn is_beginning(&self) -> bool {
        self.place == HistoryPlace::default()
    }
}

impl HistoryLine {
    /// Returns what the line is known by.
    #[must_use]
    pub fn mark(&self) -> HistoryMark {
        HistoryMark::new(self.place, &self.time)
    }
}

impl fmt::Display for HistoryMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_beginning() { write!(f, "0") } else { write!(f, "{}-{:08x}", self.place, self.of_time) }
    }
}

impl FromStr for HistoryMark {
    type Err = WrongMark;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "0" {
            return Ok(Self::default());
        }
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let read = || {
            let (place, digits) = text.split_once('-')?;
            let is_whole = digits.len() == 8 && digits.bytes().all(is_digit);
            let of_time = u32::from_str_radix(digits, 16).ok().filter(|_| is_whole)?;
            Some(Self { place: place.parse().ok()?, of_time })
        };
        read().ok_or_else(|| WrongMark(text.chars().take(64).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_it_is_written() {
        let at = HistoryPlace { version: 17, place: 2 };
        let mark = HistoryMark::new(at, "2026-11-21T07:00:00.000001Z");
        assert!(mark.to_string().starts_with("17.2-"));
        assert_eq!(mark.to_string().parse(), Ok(mark));
        assert_ne!(mark, HistoryMark::new(at, "2026-11-21T07:00:00.000002Z"), "another line at the same place");
        let beginning = HistoryMark::default();
        assert_eq!((beginning.to_string().as_str(), "0".parse()), ("0", Ok(beginning)));
        for wrong in [
            "",
            "17",
            "17.2",
            "17-",
            "-12345678",
            "17-1234567",
            "17-123456789",
            "17-1234567G",
            "17-+1234567",
            "x-12345678",
        ] {
            assert!(wrong.parse::<HistoryMark>().is_err(), "{wrong}");
        }
    }
}
