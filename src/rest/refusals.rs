//! Requests that are refused before any route looks at them.

use crate::{
    rest::{health, places::Admission, rest_reply::RestReply},
    runtime::limits,
};
use hyper::{
    Request, StatusCode,
    header::{self, HeaderValue},
};

/// What counts about a header as it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeaderForm {
    /// Its bytes, without blanks that mean nothing.
    pub bytes: usize,
    lines: usize,
    hosts: usize,
}

impl HeaderForm {
    /// Looks at the header of a request.
    #[must_use]
    pub fn of<B>(request: &Request<B>) -> Self {
        let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
        let mut form = Self { bytes: request.method().as_str().len() + target, lines: 0, hosts: 0 };
        for (name, value) in request.headers() {
            // A line has a colon, a blank and a line end beside its name and its value.
            form.bytes += name.as_str().len() + value.len() + 4;
            form.lines += 1;
            form.hosts += usize::from(name == header::HOST);
        }
        form
    }
}

/// Returns the refusal of a request by its form, and by what its connection may ask.
#[must_use]
pub fn of_request<B>(request: &Request<B>, form: HeaderForm, admission: Admission) -> Option<RestReply> {
    if form.lines > limits::REST_HEADER_LINES || form.bytes > limits::REST_HEADER {
        return Some(RestReply::too_many_header_lines());
    }
    if form.hosts > 1 {
        return Some(several_hosts());
    }
    let may_ask = admission == Admission::Full || health::is_probe(request.method(), request.uri().path());
    (!may_ask).then(busy)
}

/// Which of several nodes is meant cannot be known (RFC 9112, 3.2); what stands in front of this one may have taken another.
fn several_hosts() -> RestReply {
    let failure = "the header has more than one Host line";
    closing(RestReply::failed(StatusCode::BAD_REQUEST, failure, format!(r#"{{"Error" : "{failure}"}}"#)))
}

/// Creates the refusal of a request while all connections are at work.
#[must_use]
pub fn busy() -> RestReply {
    let failure = "all connections are at work (REST_CONNECTIONS): try again";
    let mut reply =
        RestReply::failed(StatusCode::SERVICE_UNAVAILABLE, failure, format!(r#"{{"Error" : "{failure}"}}"#));
    reply.headers.push((header::RETRY_AFTER, HeaderValue::from_static("1")));
    closing(reply)
}

fn closing(mut reply: RestReply) -> RestReply {
    reply.headers.push((header::CONNECTION, HeaderValue::from_static("close")));
    reply
}
