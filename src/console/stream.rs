//! Answers whose bytes come bit by bit from a task.

use super::response;
use crate::{reply::Error, rest::request::RequestHead};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use hyper::{StatusCode, header::HeaderMap};
use std::io;
use tokio::sync::mpsc;
use warp::{Reply, reply::Response};

/// Parts that wait until the browser takes them: a slow one holds up who makes them, and no memory.
const PARTS: usize = 4;

/// A part, or why there are no more: the browser sees that the answer is not whole.
pub type StreamPart = Result<Bytes, Error>;

/// Creates the way of the parts.
#[must_use]
pub fn parts() -> (mpsc::Sender<StreamPart>, mpsc::Receiver<StreamPart>) {
    mpsc::channel(PARTS)
}

/// Makes the answer of a first part and those that come. Its connection is at work as long as it lasts, so that it does not make room
/// for others as an idle one.
pub fn answer(
    head: &RequestHead,
    kind: &'static str,
    first: Option<Bytes>,
    mut rest: mpsc::Receiver<StreamPart>,
) -> Response {
    let busy = head.client.activity.busy();
    let rest = stream::poll_fn(move |context| {
        let _at_work = &busy;
        rest.poll_recv(context)
    });
    let first = stream::iter(first.map(Ok));
    let body = first.chain(rest).map(|part| part.map_err(|error| io::Error::other(error.to_string())));
    let mut response = warp::reply::stream(body).into_response();
    *response.headers_mut() = lines(kind);
    response
}

fn lines(kind: &'static str) -> HeaderMap {
    std::mem::take(response::of(StatusCode::OK, kind, "").headers_mut())
}
