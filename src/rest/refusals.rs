//! Requests that are refused before any route looks at them.

use crate::{
    rest::{health, places::Admission, rest_reply::RestReply},
    runtime::limits,
};
use hyper::{
    Request, StatusCode,
    header::{self, HeaderValue},
};

/// Returns the refusal of a request by its form, and by what its connection may ask.
#[must_use]
pub fn of_request<B>(request: &Request<B>, header_bytes: usize, admission: Admission) -> Option<RestReply> {
    if request.headers().len() > limits::REST_HEADER_LINES || header_bytes > limits::REST_HEADER {
        return Some(RestReply::too_many_header_lines());
    }
    let mut hosts = request.headers().get_all(header::HOST).iter();
    if hosts.next().is_some() && hosts.next().is_some() {
        return Some(several_hosts());
    }
    let may_ask = admission == Admission::Full || health::is_probe(request.method(), request.uri().path());
    (!may_ask).then(busy)
}

/// Returns the bytes of a header as it was sent, without blanks that mean nothing.
#[must_use]
pub fn header_bytes<B>(request: &Request<B>) -> usize {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    // A line has a colon, a blank and a line end beside its name and its value.
    let lines = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4);
    lines.sum::<usize>() + request.method().as_str().len() + target
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
