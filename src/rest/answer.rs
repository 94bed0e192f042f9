//! What goes back to the caller: status, type, body, and the lines that every reply carries (reference/rest 5).

use crate::{
    reply::{Code, Error},
    rest::request_ids::REQUEST_ID,
    runtime::limits,
};
use bytes::Bytes;
use hyper::{
    HeaderMap, StatusCode,
    ext::ReasonPhrase,
    header::{self, HeaderName, HeaderValue},
};
use std::{net::IpAddr, sync::LazyLock};

/// Methods that `Allow` and the preflight reply name.
pub const METHODS: &str = "GET, POST, PUT, DELETE, HEAD, OPTIONS";
/// Characters of an unknown method that its refusal repeats.
const METHOD_SHOWN: usize = 32;
/// Header lines that a preflight which asks for none is allowed.
const ALLOWED_HEADERS: &str = "Content-Type, Authorization, Accept, User-Agent, command, dbms, table, details, destination, \
     timeout, subset, into, html, pdf, topic, mode, source, instructions, type, assignment, Mcp-Session-Id";

/// Type of an ordinary text.
const TEXT: &str = "text";

/// Type of the figures for monitoring.
const METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The lines of every reply, with the type of most and without an id.
static LINES: LazyLock<HeaderMap> = LazyLock::new(|| {
    let lines = [
        (REQUEST_ID, "unknown"),
        (header::CONTENT_TYPE, TEXT),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::VARY, "Origin"),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, "*"),
    ];
    lines.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect()
});

/// Header line that carries the detail of an error.
const DETAIL: HeaderName = HeaderName::from_static("error-detail");

/// Where the detail of an error goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// `local_msg` in the JSON.
    Body,
    /// A header line: programs of the network compare the JSON they know.
    Header,
}

/// One reply before it becomes HTTP.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Content-Type; none for a reply without content.
    pub kind: Option<&'static str>,
    /// Body.
    pub body: Bytes,
    /// Further header lines.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Text of the failure, for the statistics and logs.
    pub failure: Option<String>,
    /// What stands behind the status in place of its usual words: clients that show no body show this.
    pub phrase: Option<Bytes>,
}

impl Answer {
    /// Creates a successful reply with a body of a type.
    pub fn typed(kind: &'static str, body: impl Into<Bytes>) -> Self {
        Self {
            status: StatusCode::OK,
            kind: Some(kind),
            body: body.into(),
            headers: Vec::new(),
            failure: None,
            phrase: None,
        }
    }

    /// Creates the reply of a command: JSON when its first character says so; SQL results may begin with a line feed.
    #[must_use]
    pub fn result(text: Bytes) -> Self {
        let json = text.iter().find(|byte| **byte != b'\n').is_some_and(|byte| matches!(byte, b'{' | b'['));
        let kind = match (json, text.is_ascii()) {
            (true, true) => "text/json",
            (true, false) => "text/json; charset=utf-8",
            (false, true) => TEXT,
            (false, false) => "text; charset=utf-8",
        };
        Self::typed(kind, text)
    }

    /// Gives the figures the type that monitoring expects; a failure stays what it is.
    #[must_use]
    pub fn into_metrics(self) -> Self {
        let kind = if self.status == StatusCode::OK { Some(METRICS) } else { self.kind };
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
        Self { status, failure: Some(failure.to_owned()), ..Self::typed("text/json", body) }
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

    /// Turns the reply into HTTP, with the id of its request and the header lines that every reply carries.
    #[must_use]
    pub fn into_response(self, id: HeaderValue) -> warp::reply::Response {
        let mut response = warp::reply::Response::new(self.body.into());
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        // A copy of the finished lines costs a quarter of writing them one by one.
        headers.clone_from(&LINES);
        // The id is the first of them: it need not be looked for.
        if let Some(first) = headers.values_mut().next() {
            *first = id;
        }
        match self.kind {
            Some(TEXT) => None,
            Some(kind) => headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind)),
            None => headers.remove(header::CONTENT_TYPE),
        };
        headers.extend(self.headers);
        if let Some(phrase) = self.phrase.and_then(|phrase| ReasonPhrase::try_from(phrase).ok()) {
            response.extensions_mut().insert(phrase);
        }
        response
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
    crate::render::value(&serde_json::Value::Object(map))
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
