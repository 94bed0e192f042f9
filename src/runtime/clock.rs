//! Wall clock and its texts.

use crate::runtime::limits;
use jiff::{Timestamp, Zoned, tz::TimeZone};
use std::sync::atomic::{AtomicI64, Ordering};

/// The last time that policies and changes got, in microseconds.
static LAST_DATE: AtomicI64 = AtomicI64::new(i64::MIN);

/// Returns the current UTC time as policies carry it: `YYYY-MM-DDTHH:MM:SS.ffffffZ` (reference/ledger 1.2). It is later than
/// every one before, although somebody sets the clock back: what is dropped was there before, and the history is in order.
#[must_use]
pub fn policy_date() -> String {
    date(later_than_before(&LAST_DATE, Timestamp::now()))
}

/// Takes note of the time of a change that was made before this start, in the form of policy dates. Times go on behind it.
pub fn follow(date: &str) {
    if let Ok(time) = date.parse::<Timestamp>() {
        LAST_DATE.fetch_max(time.as_microsecond(), Ordering::Relaxed);
    }
}

/// Returns the time, or where it is not later than the last one, the next after that. A last one that is too far ahead is of a
/// clock that was wrong, and nobody goes on behind it.
fn later_than_before(last: &AtomicI64, now: Timestamp) -> Timestamp {
    let now = now.as_microsecond();
    let most = now.saturating_add(i64::try_from(limits::CLOCK_SET_BACK.as_micros()).unwrap_or(i64::MAX));
    let next = |last: i64| if last > most { now } else { last.saturating_add(1).max(now) };
    // The closure always gives a value, so that there is nothing to fail.
    let last = last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(next(last))).unwrap_or(now);
    Timestamp::from_microsecond(next(last)).unwrap_or(Timestamp::MAX)
}

/// Returns a moment as policies carry it.
#[must_use]
pub fn date(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}

/// Returns a moment in local time as the event logs show it: `Sat Nov 21 07:08:48 2026` (reference/rest 10, Logs).
#[must_use]
pub fn log_time(moment: Timestamp) -> String {
    moment.to_zoned(TimeZone::system()).strftime("%a %b %e %H:%M:%S %Y").to_string()
}

/// Returns the current moment.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// Returns a moment in local time as `YYYY-MM-DD HH:MM:SS`.
#[must_use]
pub fn seconds(moment: Timestamp) -> String {
    moment.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Returns the local time with microseconds: `2026-11-21 07:50:50.399490` (echo queue, scheduler).
#[must_use]
pub fn micro_time() -> String {
    Zoned::now().strftime("%Y-%m-%d %H:%M:%S.%6f").to_string()
}

/// Returns a moment in local time with microseconds: `2026-11-21 07:50:50.399490`.
#[must_use]
pub fn micro(moment: Timestamp) -> String {
    moment.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S.%6f").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dates_of_policies_never_go_back_unless_the_last_one_was_of_a_clock_that_was_wrong() {
        let (last, start) = (AtomicI64::new(i64::MIN), 1_800_000_000_000_000);
        let at = |microsecond: i64| {
            let now = Timestamp::from_microsecond(start + microsecond).unwrap();
            later_than_before(&last, now).as_microsecond() - start
        };
        let day = 24 * 3_600_000_000;
        assert_eq!([at(0), at(0), at(5), at(-day), at(-day), at(6)], [0, 1, 5, 6, 7, 8]);
        assert_eq!([at(30 * day), at(10), at(10)], [30 * day, 10, 11], "a month ahead it was wrong");
    }
}
