//! What pages follow while they are open: the events of the node, and whether it is there.

use crate::{
    api::{self, StreamRequest},
    console::{answer::PageAnswer, page_error::ConsoleError, page_request::ConsoleRequest, response},
    runtime::limits,
};
use hyper::{StatusCode, header};
use tokio_util::sync::CancellationToken;
use warp::reply::Response;

/// Opens the stream of events of a page: the same as `/v1/events`, of all that who asks may read. It ends with the session, and
/// after a while in any case, so that rights are looked at again when the page comes back.
///
/// # Errors
/// Those of `/v1/events`.
pub async fn events(request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    let stop = end_of_stream(&request);
    let stream = StreamRequest { head: request.head, context: &request.context, topics: None, stop: stop.clone() };
    let opened = api::follow(stream, &request.shared.hub).await.map_err(ConsoleError::of_problem)?;
    let (mut head, body) = opened.into_parts();
    let kind = head.headers.remove(header::CONTENT_TYPE);
    head.headers = response::of(StatusCode::OK, response::HTML, "").headers().clone();
    head.headers.extend(kind.map(|kind| (header::CONTENT_TYPE, kind)));
    Ok(PageAnswer::Written(Response::from_parts(head, body)))
}

/// Returns what ends a stream of a page: the end of the session, the stop of the server, and a while in any case, so that rights
/// are looked at again when the page comes back.
pub fn end_of_stream(request: &ConsoleRequest<'_>) -> CancellationToken {
    let stop = request.state.stop.child_token();
    let session = request.visitor.session.as_ref();
    let ended = session.and_then(|key| request.shared.sessions.end_of(key)).unwrap_or_default();
    request.node().shutdown.spawn(end_later(stop.clone(), ended));
    stop
}

async fn end_later(stop: CancellationToken, ended: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = ended.cancelled() => {}
        () = tokio::time::sleep(limits::CONSOLE_STREAM) => {}
    }
    stop.cancel();
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
