//! What goes back to the caller: status, type, body and header lines (reference/rest 5).

use crate::{
    render,
    reply::{Code, Error, Reply, RowLayout, WrittenJson},
    rest::{hardening, request_ids::REQUEST_ID},
    runtime::limits,
};
use bytes::Bytes;
use hyper::{
    HeaderMap, StatusCode,
    ext::ReasonPhrase,
    header::{self, HeaderName, HeaderValue},
};
use serde_json::Value;
use std::{net::IpAddr, sync::LazyLock};

/// Methods that `Allow` and the preflight reply name.
pub const METHODS: &str = "GET, POST, PUT, DELETE, HEAD, OPTIONS";
/// Characters of an unknown method that its refusal repeats.
const METHOD_SHOWN: usize = 32;
/// Header lines that a preflight which asks for none is allowed.
const ALLOWED_HEADERS: &str = "Content-Type, Authorization, Accept, User-Agent, command, dbms, table, details, destination, \
     timeout, subset, into, html, pdf, topic, mode, source, instructions, type, assignment, Mcp-Session-Id";

/// Types of the figures for monitoring: the one that everything reads, and the newer one for who asks for it.
pub const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";
/// See [`METRICS`].
pub const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Header line that carries the detail of an error.
const DETAIL: HeaderName = HeaderName::from_static("error-detail");

/// Header line that carries the result of the last `if` to a prompt elsewhere, and back with its next command.
pub const CONDITION: HeaderName = HeaderName::from_static("condition");

/// Pages of every origin may read replies and their header lines.
const CROSS_ORIGIN: [(HeaderName, HeaderValue); 3] = [
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    (header::VARY, HeaderValue::from_static("Origin")),
    (header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("*")),
];

/// The lines of every reply, in the order that clients know; the connection puts the id of the request into its place.
static LINES: LazyLock<HeaderMap> = LazyLock::new(|| lines(true));
/// As [`LINES`], for a reply without content.
static LINES_WITHOUT_TYPE: LazyLock<HeaderMap> = LazyLock::new(|| lines(false));

/// Type of the pages that `into = html` makes.
pub const PAGE: &str = "text/html";

fn lines(with_type: bool) -> HeaderMap {
    let mut lines = HeaderMap::new();
    lines.insert(REQUEST_ID, HeaderValue::from_static(""));
    if with_type {
        lines.insert(header::CONTENT_TYPE, HeaderValue::from_static(""));
    }
    lines.extend(CROSS_ORIGIN);
    lines.extend(hardening::LINES);
    lines
}

/// Returns the registered type of content for one of those that clients of the network know and compare; for browsers that
/// show a reply as a page. Not one of them is HTML.
#[must_use]
pub fn registered(kind: &str) -> Option<HeaderValue> {
    match kind.split(';').next().unwrap_or_default() {
        "text" => Some(HeaderValue::from_static("text/plain; charset=utf-8")),
        "json" | "text/json" => Some(HeaderValue::from_static("application/json")),
        _ => None,
    }
}

/// Where the detail of an error goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// `local_msg` in the JSON.
    Body,
    /// A header line: programs of the network compare the JSON they know.
    Header,
}

/// The reply of a route.
#[derive(Clone, Debug)]
pub struct RestReply {
    /// Status.
    pub status: StatusCode,
    /// Content-Type; none for a reply without content.
    pub kind: Option<&'static str>,
    /// True when the body is JSON.
    pub is_json: bool,
    /// Body.
    pub body: Bytes,
    /// Further header lines.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Text of the failure, for the statistics and logs.
    pub failure: Option<String>,
    /// What stands behind the status in place of its usual words: clients that show no body show this.
    pub phrase: Option<Bytes>,
}

impl RestReply {
    /// Creates a successful reply with a body of a type.
    pub fn typed(kind: &'static str, body: impl Into<Bytes>) -> Self {
        Self {
            status: StatusCode::OK,
            kind: Some(kind),
            is_json: false,
            body: body.into(),
            headers: Vec::new(),
            failure: None,
            phrase: None,
        }
    }

    /// Creates the reply of a command that answers.
    #[must_use]
    pub fn from_reply(reply: Reply) -> Self {
        let json = is_json(&reply);
        let text = match reply {
            Reply::Text(text) | Reply::Json(WrittenJson { text, .. }) => text,
            reply => render::text(&reply),
        };
        Self::text(text.into(), json)
    }

    /// Creates the reply of a command as text or JSON.
    #[must_use]
    pub fn text(text: Bytes, json: bool) -> Self {
        let kind = match (json, text.is_ascii()) {
            (true, true) => "text/json",
            (true, false) => "text/json; charset=utf-8",
            (false, true) => "text",
            (false, false) => "text; charset=utf-8",
        };
        Self { is_json: json, ..Self::typed(kind, text) }
    }

    /// Gives the figures the type that monitoring expects; a failure stays what it is.
    #[must_use]
    pub fn into_metrics(self, kind: &'static str) -> Self {
        let kind = if self.status == StatusCode::OK { Some(kind) } else { self.kind };
        Self { kind, ..self }
    }

    /// Creates the reply to a request that asks for nothing.
    #[must_use]
    pub fn ping() -> Self {
        Self::typed("text/json", Bytes::new())
    }

    /// Creates a failed reply with a JSON body.
    #[must_use]
    pub fn failed(status: StatusCode, failure: &str, body: String) -> Self {
        Self { status, is_json: true, failure: Some(failure.to_owned()), ..Self::typed("text/json", body) }
    }

    /// Creates the reply to a failed command (reference/rest 5, "Error JSON"); a detail that is not in the JSON goes into
    /// the header line `error-detail`.
    #[must_use]
    pub fn error(status: StatusCode, method: &str, caller: IpAddr, error: &Error, place: Detail) -> Self {
        let shown = error.detail.as_deref().filter(|_| place == Detail::Body);
        let mut reply = Self::failed(status, error.code.text(), error_json(method, caller, error.code, shown));
        if let (Detail::Header, Some(detail)) = (place, &error.detail) {
            reply.headers.extend(header_text(detail).map(|value| (DETAIL, value)));
        }
        match error.code {
            Code::WRONG_METHOD => reply.kind = Some("json"),
            _ => reply.phrase = Some(reply.body.clone()).filter(|json| json.len() <= limits::REST_PHRASE),
        }
        reply
    }

    /// Creates the refusal of a method.
    #[must_use]
    pub fn wrong_method(method: &str) -> Self {
        let method: String = method.chars().take(METHOD_SHOWN).collect();
        let body = format!(r#"{{"Error" : "{} NOT SUPPORTED"}}"#, method.escape_default());
        let mut reply = Self::failed(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed", body);
        reply.headers.push((header::ALLOW, HeaderValue::from_static("GET, POST, HEAD, OPTIONS")));
        reply
    }

    /// Creates the reply to a preflight: the asked header names come back as they were.
    #[must_use]
    pub fn preflight(asked: Option<&HeaderValue>) -> Self {
        let mut reply = Self { status: StatusCode::NO_CONTENT, kind: None, ..Self::ping() };
        let allowed = asked.cloned().unwrap_or(HeaderValue::from_static(ALLOWED_HEADERS));
        reply.headers = vec![
            (header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS)),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, allowed),
            (header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400")),
        ];
        reply
    }

    /// Creates the reply to a request that failed inside the node.
    #[must_use]
    pub fn internal_error() -> Self {
        let body = r#"{"Error" : "internal error, see the log of the node"}"#;
        Self::failed(StatusCode::INTERNAL_SERVER_ERROR, "internal error", body.to_owned())
    }

    /// Creates the refusal of a request with more than [`limits::REST_HEADER_LINES`] header lines.
    #[must_use]
    pub fn too_many_header_lines() -> Self {
        let page = "<!DOCTYPE html>\n<title>431</title>\n<p>The header has too many or long lines.</p>\n";
        Self {
            status: StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            headers: vec![(header::CONNECTION, HeaderValue::from_static("close"))],
            failure: Some("too many header lines".to_owned()),
            ..Self::typed("text/html; charset=utf-8", page)
        }
    }
}

/// The text of a failure, an extension of its reply.
#[derive(Clone, Debug)]
pub struct CallFailure(pub String);

impl warp::Reply for RestReply {
    fn into_response(self) -> warp::reply::Response {
        let mut response = warp::reply::Response::new(self.body.into());
        *response.status_mut() = self.status;
        let mut lines = if self.kind.is_some() { LINES.clone() } else { LINES_WITHOUT_TYPE.clone() };
        if let Some(kind) = self.kind {
            lines.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        if self.kind == Some(PAGE) {
            lines.insert(header::CONTENT_SECURITY_POLICY, hardening::PAGE);
        }
        lines.extend(self.headers);
        *response.headers_mut() = lines;
        if let Some(phrase) = self.phrase.and_then(|phrase| ReasonPhrase::try_from(phrase).ok()) {
            response.extensions_mut().insert(phrase);
        }
        if let Some(failure) = self.failure {
            response.extensions_mut().insert(CallFailure(failure));
        }
        response
    }
}

/// Tells whether a reply reads as JSON.
fn is_json(reply: &Reply) -> bool {
    match reply {
        Reply::Policies(_)
        | Reply::Objects(_)
        | Reply::Count(_)
        | Reply::Json(_)
        | Reply::Value(Value::Array(_) | Value::Object(_)) => true,
        Reply::Rows(rows) => rows.rows.is_empty() || rows.layout != RowLayout::Table,
        _ => false,
    }
}

/// Writes the error JSON: one line, its keys in the order that clients know.
fn error_json(method: &str, caller: IpAddr, code: Code, detail: Option<&str>) -> String {
    let mut map = serde_json::Map::new();
    map.insert("method".into(), method.into());
    map.insert("node".into(), caller.to_string().into());
    map.insert("err_code".into(), code.0.into());
    map.insert("err_text".into(), code.text().into());
    if let Some(detail) = detail {
        map.insert("local_msg".into(), detail.into());
    }
    render::value(&Value::Object(map))
}

/// Makes a text fit into a header line: one line, of limited length, ours without signs that many clients misread there.
fn header_text(text: &str) -> Option<HeaderValue> {
    let text = text.replace('…', "...");
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(limits::REST_DETAIL).collect();
    HeaderValue::from_bytes(line.as_bytes()).ok()
}

/// Returns the status of a failed command.
#[must_use]
pub fn status_of(code: Code) -> StatusCode {
    match code {
        Code::TIME_OUT => StatusCode::GATEWAY_TIMEOUT,
        Code::UNAUTHORIZED => StatusCode::FORBIDDEN,
        _ => StatusCode::BAD_REQUEST,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use warp::Reply as _;

    #[test]
    fn every_reply_has_the_common_lines_in_their_order() {
        let reply = RestReply::wrong_method("PUT").into_response();
        let names: Vec<&str> = reply.headers().keys().map(HeaderName::as_str).collect();
        let expected = [
            "x-request-id",
            "content-type",
            "access-control-allow-origin",
            "vary",
            "access-control-expose-headers",
            "x-content-type-options",
            "content-security-policy",
            "x-frame-options",
            "referrer-policy",
            "allow",
        ];
        assert_eq!(names, expected);
    }
}
