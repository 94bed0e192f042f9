//! A length of time as commands and configuration write it.

use std::{fmt, str::FromStr, time::Duration};

/// Nanoseconds of a second.
const SECOND: u64 = 1_000_000_000;
/// Digits behind the point that count: nanoseconds of a second.
const FRACTION: usize = 9;
/// The longest time: a hundred years. A node adds times to moments of its clock, which ends somewhere beyond that.
const LONGEST: Duration = Duration::from_secs(100 * 366 * 86_400);

/// A length of time: `30 seconds`, `1 minute`, `1.5 h`, `250 ms`, or a plain number of seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeSpan(Duration);

/// A unit of time, with one name and the short forms that people write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeUnit {
    /// `ms`, `millisecond`.
    Millisecond,
    /// `s`, `sec`, `second`.
    Second,
    /// `m`, `min`, `minute`.
    Minute,
    /// `h`, `hour`.
    Hour,
    /// `d`, `day`.
    Day,
}

/// Why a text is no length of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeSpanError {
    /// It does not begin with digits.
    #[error("it does not begin with a number")]
    Number,
    /// A number alone, where a unit has to follow.
    #[error("it has no unit of time")]
    NoUnit,
    /// What follows the number is no unit.
    #[error("{0} is no unit of time")]
    Unit(String),
    /// More than a hundred years.
    #[error("it is longer than 100 years")]
    TooLong,
}

impl TimeSpan {
    /// Reads a length of time that has to name its unit.
    ///
    /// # Errors
    /// Why it is none; a number alone is none.
    pub fn with_unit(text: &str) -> Result<Self, TimeSpanError> {
        let (number, unit) = parts(text)?;
        if unit.is_empty() {
            return Err(TimeSpanError::NoUnit);
        }
        of(number, unit.parse()?)
    }

    /// Returns the time.
    #[must_use]
    pub const fn duration(self) -> Duration {
        self.0
    }

    /// Returns the time as whole seconds; nothing when it has a fraction of one.
    #[must_use]
    pub const fn whole_seconds(self) -> Option<u64> {
        if self.0.subsec_nanos() == 0 { Some(self.0.as_secs()) } else { None }
    }
}

impl TimeUnit {
    /// The units from the longest to the shortest.
    pub const ALL: [Self; 5] = [Self::Day, Self::Hour, Self::Minute, Self::Second, Self::Millisecond];

    /// Returns the name of one unit.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Millisecond => "millisecond",
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    const fn nanoseconds(self) -> u64 {
        match self {
            Self::Millisecond => SECOND / 1000,
            Self::Second => SECOND,
            Self::Minute => 60 * SECOND,
            Self::Hour => 3600 * SECOND,
            Self::Day => 86_400 * SECOND,
        }
    }
}

impl FromStr for TimeUnit {
    type Err = TimeSpanError;

    fn from_str(text: &str) -> Result<Self, TimeSpanError> {
        let lower = text.to_ascii_lowercase();
        let one = lower.strip_suffix('s').filter(|one| one.len() > 1 && *one != "m").unwrap_or(&lower);
        Ok(match one {
            "ms" | "millisecond" => Self::Millisecond,
            "s" | "sec" | "second" => Self::Second,
            "m" | "min" | "minute" => Self::Minute,
            "h" | "hour" => Self::Hour,
            "d" | "day" => Self::Day,
            _ => return Err(TimeSpanError::Unit(text.to_owned())),
        })
    }
}

impl FromStr for TimeSpan {
    type Err = TimeSpanError;

    fn from_str(text: &str) -> Result<Self, TimeSpanError> {
        let (number, unit) = parts(text)?;
        of(number, if unit.is_empty() { TimeUnit::Second } else { unit.parse()? })
    }
}

impl From<Duration> for TimeSpan {
    fn from(duration: Duration) -> Self {
        Self(duration)
    }
}

impl From<TimeSpan> for Duration {
    fn from(span: TimeSpan) -> Self {
        span.0
    }
}

impl fmt::Display for TimeSpan {
    /// Writes a whole number of the longest unit that fits, else seconds with a fraction.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanoseconds = self.0.as_nanos();
        let fitting = TimeUnit::ALL.into_iter().find(|unit| nanoseconds.is_multiple_of(u128::from(unit.nanoseconds())));
        match fitting.filter(|_| nanoseconds > 0) {
            Some(unit) => {
                let number = nanoseconds / u128::from(unit.nanoseconds());
                write!(f, "{number} {}{}", unit.as_str(), if number == 1 { "" } else { "s" })
            }
            None if nanoseconds == 0 => f.write_str("0 seconds"),
            None => {
                let fraction = format!("{:09}", self.0.subsec_nanos());
                write!(f, "{}.{} seconds", self.0.as_secs(), fraction.trim_end_matches('0'))
            }
        }
    }
}

/// Splits a text into its number and its unit.
fn parts(text: &str) -> Result<(&str, &str), TimeSpanError> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    if number.starts_with(|c: char| c.is_ascii_digit()) {
        Ok((number, unit.trim()))
    } else {
        Err(TimeSpanError::Number)
    }
}

/// Multiplies a decimal number with a unit, exactly.
fn of(number: &str, unit: TimeUnit) -> Result<TimeSpan, TimeSpanError> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let is_digits = fraction.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits {
        return Err(TimeSpanError::Number);
    }
    let whole: u128 = whole.parse().map_err(|_| TimeSpanError::TooLong)?;
    let digits: String = fraction.chars().chain(std::iter::repeat('0')).take(FRACTION).collect();
    let fraction: u128 = digits.parse::<u64>().map_err(|_| TimeSpanError::Number)?.into();
    let size = u128::from(unit.nanoseconds());
    let nanoseconds = whole.checked_mul(size).and_then(|whole| whole.checked_add(fraction * size / u128::from(SECOND)));
    let nanoseconds = nanoseconds.ok_or(TimeSpanError::TooLong)?;
    let (seconds, rest) = (nanoseconds / u128::from(SECOND), nanoseconds % u128::from(SECOND));
    let seconds = u64::try_from(seconds).map_err(|_| TimeSpanError::TooLong)?;
    let rest = u32::try_from(rest).map_err(|_| TimeSpanError::TooLong)?;
    let time = Duration::new(seconds, rest);
    if time > LONGEST { Err(TimeSpanError::TooLong) } else { Ok(TimeSpan(time)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        for (text, milliseconds) in [
            ("30 second", 30_000),
            ("30 seconds", 30_000),
            ("30", 30_000),
            ("30 SEC", 30_000),
            ("2minutes", 120_000),
            ("5 min", 300_000),
            ("1 day", 86_400_000),
            ("2d", 172_800_000),
            ("1.5 hours", 5_400_000),
            ("250 ms", 250),
            ("0.25", 250),
            (" 7  s ", 7_000),
        ] {
            assert_eq!(text.parse::<TimeSpan>().unwrap().duration(), Duration::from_millis(milliseconds), "{text}");
        }
        for text in ["", "soon", "3 fortnights", "-5 seconds", "1e400", ".5", "1.2.3", "5 weeks", "5 seconds ago"] {
            assert!(text.parse::<TimeSpan>().is_err(), "{text}");
        }
        assert_eq!(format!("{} days", u64::MAX).parse::<TimeSpan>(), Err(TimeSpanError::TooLong));
        assert_eq!(format!("{}0", u64::MAX).parse::<TimeSpan>(), Err(TimeSpanError::TooLong));
    }

    #[test]
    fn a_time_that_no_clock_can_add_is_refused() {
        assert_eq!("36600 days".parse::<TimeSpan>().map(TimeSpan::duration), Ok(LONGEST));
        for text in ["36600.1 days", "36601 days", "3162240001", "584942417355 days", "18446744073709551615 s"] {
            assert_eq!(text.parse::<TimeSpan>(), Err(TimeSpanError::TooLong), "{text}");
        }
        assert_eq!(TimeSpanError::TooLong.to_string(), "it is longer than 100 years");
        assert!(std::time::Instant::now().checked_add(LONGEST).is_some());
    }

    #[test]
    fn a_unit_may_be_asked_for() {
        assert_eq!(TimeSpan::with_unit("5"), Err(TimeSpanError::NoUnit));
        assert_eq!(TimeSpan::with_unit("5 x"), Err(TimeSpanError::Unit("x".to_owned())));
        assert_eq!(TimeSpan::with_unit("5 m").unwrap().whole_seconds(), Some(300));
        assert_eq!(TimeSpan::with_unit("5 ms").unwrap().whole_seconds(), None);
    }

    #[test]
    fn the_longest_unit_that_fits_is_written() {
        for (milliseconds, text) in [
            (0, "0 seconds"),
            (1, "1 millisecond"),
            (1000, "1 second"),
            (90_000, "90 seconds"),
            (60_000, "1 minute"),
            (7_200_000, "2 hours"),
            (86_400_000, "1 day"),
        ] {
            assert_eq!(TimeSpan::from(Duration::from_millis(milliseconds)).to_string(), text);
        }
        assert_eq!(TimeSpan::from(Duration::new(1, 500)).to_string(), "1.0000005 seconds");
    }

    proptest! {
        #[test]
        fn every_time_is_read_back(seconds in 0..LONGEST.as_secs(), nanoseconds in 0_u32..1_000_000_000) {
            for span in [Duration::new(seconds, nanoseconds), Duration::new(seconds, 0)].map(TimeSpan::from) {
                prop_assert_eq!(span.to_string().parse::<TimeSpan>(), Ok(span));
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[0-9]{0,25}[. a-z]{0,12}") {
            if let Ok(span) = text.parse::<TimeSpan>() {
                prop_assert_eq!(span.to_string().parse::<TimeSpan>(), Ok(span));
            }
        }
    }
}
