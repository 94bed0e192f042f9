//! Moments as commands write them: a date, or a distance from now (reference/command-language 6, `date`).

use anylog_values::TimeSpan;
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use std::time::Duration;

/// Days of a week.
const WEEK: u32 = 7;

/// Reads a moment: `YYYY-MM-DD[ HH:MM[:SS[.ffffff]]]` in local time, the same with `T` and `Z` in UTC, or `+2d`,
/// `-3h` from now with a unit of time or `w` for weeks; nothing when the text is neither.
#[must_use]
pub fn moment(text: &str, now: Timestamp) -> Option<Timestamp> {
    let text = text.trim();
    if let Some(distance) = text.strip_prefix('+') {
        return now.checked_add(length(distance)?).ok();
    }
    if let Some(distance) = text.strip_prefix('-') {
        return now.checked_sub(length(distance)?).ok();
    }
    if text == "now" {
        return Some(now);
    }
    if text.ends_with('Z') {
        return text.parse().ok();
    }
    let civil: DateTime = text.parse().ok()?;
    Some(civil.to_zoned(TimeZone::system()).ok()?.timestamp())
}

/// Reads the length of time behind a sign.
fn length(text: &str) -> Option<Duration> {
    let (text, times) = match text.trim().strip_suffix('w') {
        Some(weeks) => (format!("{weeks}d"), WEEK),
        None => (text.to_owned(), 1),
    };
    TimeSpan::with_unit(&text).ok()?.duration().checked_mul(times)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        let now: Timestamp = "2026-11-21T07:00:00Z".parse().unwrap();
        moment(text, now).map(|moment| moment.to_string())
    }

    #[test]
    fn distances_count_from_now() {
        assert_eq!(read("+1d").as_deref(), Some("2026-11-22T07:00:00Z"));
        assert_eq!(read("-2h").as_deref(), Some("2026-11-21T05:00:00Z"));
        assert_eq!(read("+30s").as_deref(), Some("2026-11-21T07:00:30Z"));
        assert_eq!(read("+2w").as_deref(), Some("2026-12-05T07:00:00Z"));
    }

    #[test]
    fn dates_are_read() {
        assert_eq!(read("2026-12-01T10:00:00Z").as_deref(), Some("2026-12-01T10:00:00Z"));
        assert!(read("2026-12-01 10:00:00").is_some());
        assert!(read("2026-12-01").is_some());
    }

    #[test]
    fn other_texts_are_no_moment() {
        for text in ["", "+", "+d", "+1x", "tomorrow", "+99999999999999999d", "1d"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
