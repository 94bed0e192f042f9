//! When the next backup is due.

use crate::config::BackupSchedule;
use jiff::{SignedDuration, Timestamp, ToSpan as _, Zoned, tz::TimeZone};

/// Returns when the next backup is due, by the time of the newest one: a restart repeats none and leaves out none.
#[must_use]
pub fn next_due(schedule: BackupSchedule, newest: Option<Timestamp>, now: Timestamp, zone: &TimeZone) -> Timestamp {
    let Some(newest) = newest else { return now };
    match schedule {
        BackupSchedule::Every(every) => {
            let every = SignedDuration::try_from(every).unwrap_or(SignedDuration::MAX);
            newest.checked_add(every).unwrap_or(Timestamp::MAX)
        }
        BackupSchedule::Daily { hour, minute } => {
            let local = newest.to_zoned(zone.clone());
            let today = at(&local, hour, minute);
            let next = today.filter(|due| *due > newest);
            let tomorrow = || local.checked_add(1.day()).ok().and_then(|day| at(&day, hour, minute));
            next.or_else(tomorrow).unwrap_or(now)
        }
    }
}

/// Returns a time of the day of a moment; one that a change of the clocks leaves out is the one after.
fn at(day: &Zoned, hour: i8, minute: i8) -> Option<Timestamp> {
    let time = day.date().at(hour, minute, 0, 0);
    time.to_zoned(day.time_zone().clone()).ok().map(|time| time.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_newest_backup_decides() {
        let every = BackupSchedule::Every(Duration::from_secs(3600));
        let now = time("2026-03-01T12:00:00Z");
        assert_eq!(next_due(every, None, now, &TimeZone::UTC), now, "the first one is due at once");
        let due = next_due(every, Some(time("2026-03-01T11:30:00Z")), now, &TimeZone::UTC);
        assert_eq!(due, time("2026-03-01T12:30:00Z"));
        let missed = next_due(every, Some(time("2026-02-01T00:00:00Z")), now, &TimeZone::UTC);
        assert!(missed < now);
    }

    #[test]
    fn a_time_of_day_is_local_and_comes_once() {
        let daily = BackupSchedule::Daily { hour: 2, minute: 30 };
        let zone = TimeZone::get("Europe/Zurich").unwrap();
        let due = |newest: &str| next_due(daily, Some(time(newest)), time("2026-07-03T00:00:00Z"), &zone);
        assert_eq!(due("2026-07-01T22:00:00Z"), time("2026-07-02T00:30:00Z"), "before it, of the same local day");
        assert_eq!(due("2026-07-02T00:30:00Z"), time("2026-07-03T00:30:00Z"));
        assert_eq!(due("2026-07-02T00:31:07Z"), time("2026-07-03T00:30:00Z"));
        assert_eq!(due("2026-03-28T12:00:00Z"), time("2026-03-29T01:30:00Z"), "02:30 is not there on that day");
    }
}
