//! Moments as commands write them: a date, or a distance from now (reference/command-language 6, `date`).

use jiff::{Span, Timestamp, civil::DateTime, tz::TimeZone};

/// Reads a moment: `YYYY-MM-DD[ HH:MM[:SS[.ffffff]]]` in local time, the same with `T` and `Z` in UTC, or `+2d`,
/// `-3h` from now with a unit of s, m, h, d or w; nothing when the text is neither.
#[must_use]
pub fn moment(text: &str, now: Timestamp) -> Option<Timestamp> {
    let text = text.trim();
    if let Some(distance) = text.strip_prefix('+') {
        return now.checked_add(span(distance)?).ok();
    }
    if let Some(distance) = text.strip_prefix('-') {
        return now.checked_sub(span(distance)?).ok();
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

fn span(text: &str) -> Option<Span> {
    let text = text.trim();
    let unit = text.chars().last()?;
    let number: i64 = text.strip_suffix(unit)?.trim().parse().ok().filter(|number| *number >= 0)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return None,
    };
    Span::new().try_seconds(number.checked_mul(seconds)?).ok()
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
