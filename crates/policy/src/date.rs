//! The date of a policy: a moment of the calendar, which every database can keep and every node can compare
//! (reference/ledger 1.2).

use jiff::civil::{Date, Time};

/// Largest offset from UTC that databases read, in hours.
const MAX_OFFSET: i8 = 15;

/// Tells whether a text is a day, or a moment of a day, in the years 1 to 9999: `2026-11-21`, `2026-11-21 07:08`,
/// `2026-11-21T07:08:09.123456Z`, `2026-11-21T07:08:09+05:00`.
///
/// Databases read more as a time: words such as `now` and `infinity`, days before our era, Julian days. What they make of
/// it is not what the policy says, differs between them, or has no place in the order of the ledger.
#[must_use]
pub fn is_moment(text: &str) -> bool {
    if !text.is_ascii() {
        return false;
    }
    match (text.get(..10), text.get(10..11), text.get(11..)) {
        (Some(day), None, _) => is_day(day),
        (Some(day), Some("T" | "t" | " "), Some(clock)) => is_day(day) && is_time_of_day(clock),
        _ => false,
    }
}

fn is_day(text: &str) -> bool {
    let (year, month, day) = match text.as_bytes() {
        [_, _, _, _, b'-', _, _, b'-', _, _] => (text.get(..4), text.get(5..7), text.get(8..)),
        _ => return false,
    };
    let number = |part: Option<&str>| part.and_then(digits);
    match (number(year), number(month), number(day)) {
        (Some(year), Some(month), Some(day)) if year > 0 => {
            let month_and_day = i8::try_from(month).and_then(|month| Ok((month, i8::try_from(day)?)));
            month_and_day.is_ok_and(|(month, day)| Date::new(year, month, day).is_ok())
        }
        _ => false,
    }
}

/// Tells whether a text is `HH:MM`, with seconds, their fraction and an offset from UTC where they are there.
fn is_time_of_day(text: &str) -> bool {
    let (clock, offset) = match text.find(['Z', 'z', '+', '-']) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let (clock, fraction) = match clock.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (clock, None),
    };
    let mut parts = clock.split(':').map(two_digits);
    let (hour, minute, second, more) = (parts.next(), parts.next(), parts.next(), parts.next());
    let is_clock = match (hour.flatten(), minute.flatten(), second) {
        (Some(hour), Some(minute), None) => fraction.is_none() && Time::new(hour, minute, 0, 0).is_ok(),
        (Some(hour), Some(minute), Some(Some(second))) => Time::new(hour, minute, second, 0).is_ok(),
        _ => false,
    };
    let is_fraction = |text: &str| (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    more.is_none() && is_clock && fraction.is_none_or(is_fraction) && is_offset(offset)
}

/// Tells whether a text is an offset from UTC: nothing, `Z`, `+05`, `+0530` or `+05:30`.
fn is_offset(text: &str) -> bool {
    if matches!(text, "" | "Z" | "z") {
        return true;
    }
    let Some(offset) = text.strip_prefix(['+', '-']) else { return false };
    let (hours, minutes) = match offset.len() {
        2 => (offset, "00"),
        4 => offset.split_at(2),
        5 => offset.split_once(':').unwrap_or_default(),
        _ => return false,
    };
    two_digits(hours).is_some_and(|hours| hours <= MAX_OFFSET)
        && two_digits(minutes).is_some_and(|minutes| minutes < 60)
}

fn two_digits(text: &str) -> Option<i8> {
    (text.len() == 2).then(|| digits(text)).flatten().and_then(|number| i8::try_from(number).ok())
}

/// Returns the number that a text of digits alone is.
fn digits(text: &str) -> Option<i16> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::is_moment;
    use proptest::prelude::*;

    #[test]
    fn what_nodes_write_is_a_moment() {
        for text in [
            "2026-11-21T07:08:09.123456Z",
            "2026-11-21 07:08:09.123456",
            "2026-11-21T07:08:09+05:00",
            "2026-11-21T07:08:09-0530",
            "2026-11-21t07:08z",
            "2026-11-21",
            "2024-02-29",
            "0001-01-01",
            "9999-12-31T23:59:59.999999999Z",
        ] {
            assert!(is_moment(text), "{text}");
        }
    }

    #[test]
    fn what_only_a_database_understands_is_none() {
        for text in [
            "",
            "infinity",
            "-infinity",
            "Infinity",
            "now",
            "NOW",
            "today",
            "tomorrow",
            "yesterday",
            "epoch",
            "J0",
            "J2460000",
            "allballs",
            "4714-11-24 BC",
            "0001-01-01 BC",
            "2026-01-01 BC",
            "2026-01-01 AD",
            "0000-01-01",
            "-2026-01-01",
            "+2026-01-01",
            "10000-01-01",
            "294276-12-31",
            "20260101",
            "2026-1-1",
            "01/02/2026",
            "2026-02-30",
            "2026-13-01",
            "2025-02-29",
            "2026-01-01T",
            "2026-01-01T7:00",
            "2026-01-01T24:00:00",
            "2026-01-01T23:59:60",
            "2026-01-01T07",
            "2026-01-01T07:00:00.",
            "2026-01-01T07:00.5",
            "2026-01-01T07:00:00+99:00",
            "2026-01-01T07:00:00 Europe/Berlin",
            "2026-01-01T07:00:00ZZ",
            "2026-01-01 07:00:00 PM",
            " 2026-01-01",
            "2026-01-01 ",
            "2026-01-01\u{0}",
            "2026-01-0é",
            "Jan 1 2026",
            "d",
            "z",
            "2026",
            "17",
            "{now}",
            "2026-01-01T07:00:00+",
        ] {
            assert!(!is_moment(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_judged(text in "\\PC{0,40}|[0-9TZ:+. -]{0,40}") {
            let _ = is_moment(&text);
        }

        #[test]
        fn every_second_is_a_moment(seconds in 0_i64..253_402_300_799) {
            let moment = jiff::Timestamp::from_second(seconds).unwrap();
            prop_assert!(is_moment(&moment.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()));
        }
    }
}
