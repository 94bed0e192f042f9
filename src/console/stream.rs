//! Answers whose bytes come bit by bit from a task.

use super::response;
use crate::{reply::Error, rest::Activity};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use hyper::{StatusCode, header::HeaderMap};
use std::{io, task::Poll};
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
    activity: Activity,
    kind: &'static str,
    mut first: Option<Bytes>,
    mut rest: mpsc::Receiver<StreamPart>,
) -> Response {
    let mut busy = None;
    let body = stream::poll_fn(move |context| {
        // Who looks for a part has let go of the request, which says at its end that the connection is idle.
        if busy.is_none() {
            busy = activity.busy();
        }
        match first.take() {
            Some(part) => Poll::Ready(Some(Ok(part))),
            None => rest.poll_recv(context),
        }
    });
    let body = body.map(|part: StreamPart| part.map_err(|error| io::Error::other(error.to_string())));
    let mut response = warp::reply::stream(body).into_response();
    *response.headers_mut() = lines(kind);
    response
}

fn lines(kind: &'static str) -> HeaderMap {
    std::mem::take(response::of(StatusCode::OK, kind, "").headers_mut())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    #[tokio::test]
    async fn a_connection_is_at_work_until_the_last_part_has_gone() {
        let activity = Activity::default();
        let request = activity.busy();
        let (sender, receiver) = parts();
        let mut body = answer(activity.clone(), "text/plain", Some(Bytes::from("a")), receiver).into_body();
        drop(request);
        for part in ["a", "b"] {
            let frame = body.frame().await.unwrap().unwrap();
            assert_eq!(frame.into_data().unwrap(), part);
            assert!(!activity.give_way(), "more may come");
            sender.send(Ok(Bytes::from("b"))).await.unwrap();
        }
        drop(body);
        assert!(activity.give_way(), "it is idle now");
    }
}
