//! The HTTP answer: what every page tells browsers, beside its content.

use bytes::Bytes;
use hyper::{
    StatusCode,
    header::{self, HeaderName, HeaderValue},
};
use warp::reply::Response;

/// What a page may load and do: nothing but what is the node's own. Nothing in a page is a script or a style.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'",
);

/// The lines of every answer. Unlike other answers of the node none lets pages of other origins read it. `same-origin`, because a
/// browser that tells nobody where a form stood says of its own page as well that it is from nowhere.
const LINES: [(HeaderName, HeaderValue); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

/// The type of pages.
pub const HTML: &str = "text/html; charset=utf-8";

/// Makes an answer.
#[must_use]
pub fn of(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Response {
    let body: Bytes = body.into();
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let lines = response.headers_mut();
    lines.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    lines.extend(LINES);
    response
}

/// Leads to another page. htmx would put a page where a part of one belongs, and is told to go there instead.
#[must_use]
pub fn redirect(to: &str, is_partial: bool) -> Response {
    let mut response = of(if is_partial { StatusCode::NO_CONTENT } else { StatusCode::SEE_OTHER }, HTML, "");
    if let Ok(to) = HeaderValue::from_str(to) {
        let name = if is_partial { HeaderName::from_static("hx-redirect") } else { header::LOCATION };
        response.headers_mut().insert(name, to);
    }
    response
}

/// Makes a file that the browser saves.
#[must_use]
pub fn download(name: &str, kind: &'static str, body: Bytes) -> Response {
    let safe = |sign: char| if sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_' | '.') { sign } else { '-' };
    let name: String = name.chars().take(128).map(safe).collect();
    let mut response = of(StatusCode::OK, kind, body);
    if let Ok(line) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, line);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_runs_nothing_of_others() {
        let policy = POLICY.to_str().unwrap().to_owned();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe") && !policy.contains('*'));
        let response = of(StatusCode::OK, HTML, "x");
        assert!(!response.headers().contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    }

    #[test]
    fn a_part_of_a_page_leads_on_by_htmx() {
        let whole = redirect("/console", false);
        assert_eq!(
            (whole.status(), &whole.headers()[header::LOCATION]),
            (StatusCode::SEE_OTHER, &HeaderValue::from_static("/console"))
        );
        let part = redirect("/console", true);
        assert_eq!(
            (part.status(), &part.headers()["hx-redirect"]),
            (StatusCode::NO_CONTENT, &HeaderValue::from_static("/console"))
        );
    }

    #[test]
    fn the_name_of_a_file_is_no_markup_and_no_path() {
        let response = download("../a\"; x=\r\n<b>.json", "application/json", Bytes::new());
        let line = response.headers()[header::CONTENT_DISPOSITION].to_str().unwrap();
        assert_eq!(line, "attachment; filename=\"..-a---x----b-.json\"");
    }
}
