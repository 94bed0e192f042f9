//! Time zones and moments (`get timezone info`, `get datetime`).

use crate::{
    reply::{Code, Error, Reply},
    runtime::clock,
};
use jiff::{Span, Timestamp, Zoned, civil::DateTime, tz::TimeZone};

/// Answers `get timezone info`: the name of the zone and its clock.
#[must_use]
pub fn zone() -> Reply {
    let zone = TimeZone::system();
    let now = clock::now().to_zoned(zone);
    let name = now.strftime("%Z").to_string();
    let name = if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        name
    } else {
        now.time_zone().iana_name().unwrap_or("UTC").to_owned()
    };
    Reply::Text(format!("{name} : {}", now.strftime("%Y-%m-%d %H:%M:%S")))
}

/// Answers `get datetime ZONE EXPRESSION`: `now()`, a date in quotes, or `date('now', '+1 month', …)`, each with `+ N unit`.
///
/// # Errors
/// 173 for a zone and 2 for an expression that are none.
pub fn moment(zone: &str, expression: &str) -> Result<Reply, Error> {
    let zone_found = zone_of(zone)?;
    let wrong = || {
        let detail =
            format!("'{expression}' is no moment: write now(), '2021-03-10 22:10:01' or date('now', '+1 month')");
        Error::with(Code::STRUCTURE, detail)
    };
    let moment = evaluate(expression.trim(), clock::now()).ok_or_else(wrong)?;
    Ok(Reply::Text(if zone == "utc" {
        moment.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
    } else {
        moment.to_zoned(zone_found).strftime("%Y-%m-%d %H:%M:%S.%6f").to_string()
    }))
}

fn zone_of(name: &str) -> Result<TimeZone, Error> {
    let full = match name {
        "utc" => return Ok(TimeZone::UTC),
        "local" => return Ok(TimeZone::system()),
        "pt" => "America/Los_Angeles",
        "mt" => "America/Denver",
        "ct" => "America/Chicago",
        "et" => "America/New_York",
        other => other,
    };
    let unknown =
        |_| Error::with(Code::TIMEZONE, format!("'{name}' is no time zone: write utc, local or Europe/London"));
    TimeZone::get(full).map_err(unknown)
}

fn evaluate(expression: &str, now: Timestamp) -> Option<Timestamp> {
    let expression = expression.trim().trim_matches('"');
    if let Some(rest) = expression.strip_prefix("now()") {
        return shifted(now.to_zoned(TimeZone::UTC), rest).map(|moment| moment.timestamp());
    }
    if let Some(list) = expression.strip_prefix("date(").or_else(|| expression.strip_prefix("timestamp(")) {
        return by_list(list, now);
    }
    let (text, rest) = match expression.strip_prefix('\'') {
        Some(quoted) => quoted.split_once('\'')?,
        None => (expression, ""),
    };
    shifted(start(text, now)?, rest).map(|moment| moment.timestamp())
}

/// Reads `'now', 'start of month', '+1 month') + 2 days`.
fn by_list(list: &str, now: Timestamp) -> Option<Timestamp> {
    let (items, rest) = list.rsplit_once(')')?;
    let mut items = items.split(',').map(|item| item.trim().trim_matches('\''));
    let mut moment = start(items.next()?, now)?;
    for item in items {
        moment = match item {
            "start of day" => moment.start_of_day().ok()?,
            "start of month" => moment.first_of_month().ok()?.start_of_day().ok()?,
            "start of year" => moment.first_of_year().ok()?.start_of_day().ok()?,
            shift => shifted(moment, shift)?,
        };
    }
    shifted(moment, rest).map(|moment| moment.timestamp())
}

fn start(text: &str, now: Timestamp) -> Option<Zoned> {
    if matches!(text, "now" | "now()") {
        return Some(now.to_zoned(TimeZone::UTC));
    }
    let moment: Result<Timestamp, _> = text.parse();
    let civil = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok();
    moment.map_or_else(|_| civil(), |moment| Some(moment.to_zoned(TimeZone::UTC)))
}

/// Moves a moment by `+ N unit` or `-N units`, as often as it is written.
fn shifted(mut moment: Zoned, shifts: &str) -> Option<Zoned> {
    let spaced = shifts.replace('+', " + ").replace('-', " - ");
    let mut words = spaced.split_whitespace();
    while let Some(sign) = words.next() {
        let number: i64 = words.next()?.parse().ok()?;
        let number = match sign {
            "+" => number,
            "-" => -number,
            _ => return None,
        };
        moment = moment.checked_add(span(number, words.next()?)?).ok()?;
    }
    Some(moment)
}

fn span(number: i64, unit: &str) -> Option<Span> {
    let unit = unit.to_lowercase();
    match unit.trim_end_matches('s') {
        "second" | "sec" => Span::new().try_seconds(number),
        "minute" | "min" | "minut" => Span::new().try_minutes(number),
        "hour" => Span::new().try_hours(number),
        "day" => Span::new().try_days(number),
        "week" => Span::new().try_weeks(number),
        "month" => Span::new().try_months(number),
        "year" => Span::new().try_years(number),
        _ => return None,
    }
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(expression: &str) -> Option<String> {
        let now: Timestamp = "2026-11-21T08:09:49.805678Z".parse().unwrap();
        evaluate(expression, now).map(|moment| moment.to_string())
    }

    #[test]
    fn reads_moments() {
        for (expression, expected) in [
            ("now()", "2026-11-21T08:09:49.805678Z"),
            ("now() + 3 days", "2026-11-24T08:09:49.805678Z"),
            ("now() -2 hours + 5 minutes", "2026-11-21T06:14:49.805678Z"),
            ("'2021-03-10 22:10:01.0' + 5 minutes", "2021-03-10T22:15:01Z"),
            ("date('now','start of month','+1 month','-1 day')", "2026-11-30T00:00:00Z"),
        ] {
            assert_eq!(at(expression).as_deref(), Some(expected), "{expression}");
        }
        for wrong in ["", "then", "now() + x", "now() + 3 apples", "date('now'"] {
            assert_eq!(at(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_wrong_zone_is_named() {
        assert_eq!(moment("mars", "now()").unwrap_err().code, Code::TIMEZONE);
        assert!(
            moment("et", "now()").is_ok() || moment("et", "now()").is_err_and(|error| error.code == Code::TIMEZONE)
        );
    }
}
