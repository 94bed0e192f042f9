//! Wall clock and its texts.

use jiff::{Timestamp, Zoned, tz::TimeZone};

/// Returns the current UTC time as policies carry it: `YYYY-MM-DDTHH:MM:SS.ffffffZ` (reference/ledger 1.2).
#[must_use]
pub fn policy_date() -> String {
    date(Timestamp::now())
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
