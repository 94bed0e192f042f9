//! How figures and times are told to people.

use crate::{reply::thousands, runtime::clock};
use jiff::Timestamp;

/// Steps between the units of sizes.
const STEP: u64 = 1024;

/// Writes a number with commas between thousands.
#[must_use]
pub fn number(number: usize) -> String {
    thousands(u64::try_from(number).unwrap_or(u64::MAX))
}

/// Writes a size with a unit: `512 bytes`, `1.5 MB`.
#[must_use]
pub fn size(bytes: u64) -> String {
    let units = ["KB", "MB", "GB", "TB"];
    let mut unit = None;
    let mut tenths = bytes.saturating_mul(10);
    for name in units {
        if tenths < STEP * 10 {
            break;
        }
        tenths /= STEP;
        unit = Some(name);
    }
    match unit {
        None => format!("{bytes} bytes"),
        Some(unit) => format!("{}.{} {unit}", thousands(tenths / 10), tenths % 10),
    }
}

/// Shortens a text that somebody else wrote to so many characters.
#[must_use]
pub fn short(text: &str, most: usize) -> String {
    if text.chars().nth(most).is_none() {
        return text.to_owned();
    }
    let begin: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{begin}…")
}

/// Writes a span of time in its largest unit: `12 s`, `5 min`, `3 h`, `2 days`.
#[must_use]
pub fn span(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} min", seconds / 60),
        7200..=172_799 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// Writes how long ago a moment was.
#[must_use]
pub fn ago(moment: Timestamp) -> String {
    let seconds = clock::now().as_second().saturating_sub(moment.as_second());
    format!("{} ago", span(u64::try_from(seconds).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_well() {
        assert_eq!(
            [0, 1023, 1024, 1536, 5 << 20, 3 << 40].map(size),
            ["0 bytes", "1023 bytes", "1.0 KB", "1.5 KB", "5.0 MB", "3.0 TB"]
        );
        assert_eq!([0, 119, 120, 7200, 172_800].map(span), ["0 s", "119 s", "2 min", "2 h", "2 days"]);
        assert_eq!(size(u64::MAX), size(u64::MAX), "nothing overflows");
        assert_eq!([short("edge", 4), short("edges", 4), short(&"ü".repeat(1_000_000), 3)], ["edge", "edg…", "üü…"]);
        assert_eq!(number(1_234_567), "1,234,567");
    }
}
