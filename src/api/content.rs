//! Which types of content a caller takes and sends.

use hyper::{HeaderMap, header};

/// JSON.
pub const JSON: &str = "application/json";
/// A stream of events.
pub const EVENT_STREAM: &str = "text/event-stream";
/// A page.
pub const HTML: &str = "text/html";

/// Tells whether a caller takes a type; one that does not say takes all.
#[must_use]
pub fn takes(headers: &HeaderMap, kind: &str) -> bool {
    let mut ranges = headers
        .get_all(header::ACCEPT)
        .into_iter()
        .flat_map(|line| line.to_str().unwrap_or_default().split(','))
        .map(str::trim)
        .filter(|range| !range.is_empty())
        .peekable();
    ranges.peek().is_none() || ranges.any(|range| covers(range, kind))
}

fn covers(range: &str, kind: &str) -> bool {
    let mut parts = range.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let is_refused = parts.any(|part| {
        let weight = part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="));
        weight.is_some_and(|weight| weight.trim().parse() == Ok(0.0))
    });
    let (family, _) = kind.split_once('/').unwrap_or_default();
    let is_of_family = name.strip_suffix("/*").is_some_and(|of| of == "*" || of.eq_ignore_ascii_case(family));
    !is_refused && (is_of_family || name.eq_ignore_ascii_case(kind))
}

/// Tells whether the body of a request says that it is JSON in UTF-8.
#[must_use]
pub fn is_json(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all(header::CONTENT_TYPE).into_iter();
    let (Some(line), None) = (lines.next().and_then(|line| line.to_str().ok()), lines.next()) else { return false };
    let mut parts = line.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(JSON));
    is_json
        && parts.all(|part| match part.split_once('=') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
                value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
            }
            _ => true,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    fn headers(name: header::HeaderName, values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (name.clone(), HeaderValue::from_str(value).unwrap())).collect()
    }

    #[test]
    fn a_caller_takes_what_its_ranges_cover() {
        for (accept, taken) in [
            (&[][..], true),
            (&["*/*"], true),
            (&["application/json"], true),
            (&["text/html, application/*;q=0.5"], true),
            (&["Application/JSON"], true),
            (&["text/html", "application/json"], true),
            (&["text/html"], false),
            (&["application/json;q=0"], false),
            (&["application/xml, text/*"], false),
        ] {
            assert_eq!(takes(&headers(header::ACCEPT, accept), JSON), taken, "{accept:?}");
        }
    }

    #[test]
    fn a_body_says_what_it_is() {
        for (kind, is) in [
            (&["application/json"][..], true),
            (&["application/json; charset=UTF-8"], true),
            (&["application/json; charset=latin1"], false),
            (&["text/json"], false),
            (&["application/json", "text/plain"], false),
            (&[], false),
        ] {
            assert_eq!(is_json(&headers(header::CONTENT_TYPE, kind)), is, "{kind:?}");
        }
    }
}
