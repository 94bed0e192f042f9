//! When backups are written.

use crate::config::Field;
use std::{fmt, time::Duration};

/// When the node writes backups by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackupSchedule {
    /// So long after the one before.
    Every(Duration),
    /// Once a day, at a local time.
    Daily {
        /// The hour, 0 to 23.
        hour: i8,
        /// The minute, 0 to 59.
        minute: i8,
    },
}

impl Field for BackupSchedule {
    const EXPECTED: &'static str = "a time between two backups with its unit (6 hours), or a time of day (02:30)";
    const EXAMPLE: &'static str = "02:30";

    fn read(text: &str) -> Result<Self, String> {
        if let Some((hour, minute)) = text.split_once(':') {
            let number = |text: &str, most: i8| {
                let digits = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
                digits.then(|| text.parse::<i8>().ok()).flatten().filter(|number| *number <= most)
            };
            return match (number(hour, 23), number(minute, 59)) {
                (Some(hour), Some(minute)) => Ok(Self::Daily { hour, minute }),
                _ => Err("it is no time of day from 00:00 to 23:59".to_owned()),
            };
        }
        match Duration::read(text)? {
            every if every < Duration::from_secs(1) => Err("it is shorter than a second".to_owned()),
            every => Ok(Self::Every(every)),
        }
    }
}

impl fmt::Display for BackupSchedule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every(every) => write!(out, "every {} seconds", every.as_secs()),
            Self::Daily { hour, minute } => write!(out, "daily at {hour:02}:{minute:02}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_is_a_time_of_day_or_a_time_between() {
        assert_eq!(BackupSchedule::read("2:30"), Ok(BackupSchedule::Daily { hour: 2, minute: 30 }));
        assert_eq!(BackupSchedule::read("6 hours"), Ok(BackupSchedule::Every(Duration::from_secs(6 * 3600))));
        assert_eq!(BackupSchedule::Daily { hour: 2, minute: 5 }.to_string(), "daily at 02:05");
        for text in ["24:00", "02:60", "2:", ":", "+2:30", "02:030", "0 seconds", "10 ms", "daily", "-1 hours"] {
            assert!(BackupSchedule::read(text).is_err(), "{text}");
        }
    }
}
