//! What pages follow while they are open: the events of the node, and whether it is there.

use crate::{
    api::{self, StreamEnd, StreamRequest},
    console::{answer::PageAnswer, page_error::ConsoleError, page_request::ConsoleRequest, response},
    runtime::limits,
};
use hyper::{StatusCode, header};
use tokio::time::Instant;
use warp::reply::Response;

/// Opens the stream of events of a page: the same as `/v1/events`, of all that who asks may read.
///
/// # Errors
/// Those of `/v1/events`.
pub async fn events(request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    let end = end_of_stream(&request);
    let stream = StreamRequest { head: request.head, context: &request.context, topics: None, end };
    let opened = api::follow(stream, &request.shared.hub).await.map_err(ConsoleError::of_problem)?;
    let (mut head, body) = opened.into_parts();
    let kind = head.headers.remove(header::CONTENT_TYPE);
    head.headers = response::of(StatusCode::OK, response::HTML, "").headers().clone();
    if let Some(kind) = kind {
        head.headers.insert(header::CONTENT_TYPE, kind);
    }
    Ok(PageAnswer::Written(Response::from_parts(head, body)))
}

/// Returns what ends a stream of a page: the end of the session, the stop of the server, and a while in any case, so that rights
/// are looked at again when the page comes back.
pub fn end_of_stream(request: &ConsoleRequest<'_>) -> StreamEnd {
    let session = request.visitor.session.as_ref();
    StreamEnd {
        stop: request.state.stop.clone(),
        session: session.and_then(|key| request.shared.sessions.end_of(key)).unwrap_or_default(),
        until: Some(Instant::now() + limits::CONSOLE_STREAM),
    }
}

/// Says that the node is there, with the token that changes have to carry now: a page that was open while the node was started
/// again goes on with it.
///
/// # Errors
/// None.
pub async fn alive(request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    let token = request.csrf().to_owned();
    Ok(PageAnswer::Written(response::of(StatusCode::OK, "text/plain; charset=utf-8", token)))
}
