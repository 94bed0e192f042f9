//! Good answers.

use crate::{api::content::JSON, rest::rest_reply::RestReply};
use hyper::{
    StatusCode,
    header::{HeaderName, HeaderValue},
};
use serde::Serialize;

/// Writes a document.
pub fn document(document: &impl Serialize) -> RestReply {
    let body = serde_json::to_vec(document).unwrap_or_default();
    RestReply { is_json: true, ..RestReply::typed(JSON, body) }
}

/// Writes an answer without content.
#[must_use]
pub fn bare(status: StatusCode) -> RestReply {
    RestReply { status, kind: None, ..RestReply::ping() }
}

/// Adds a header line, unless its value cannot be one.
#[must_use]
pub fn with(mut reply: RestReply, name: HeaderName, value: &str) -> RestReply {
    if let Ok(value) = HeaderValue::from_str(value) {
        reply.headers.push((name, value));
    }
    reply
}
