//! The command endpoint: any path, the command in the header, the URL or the body (reference/rest 2).

use crate::rest::{
    execute::{CommandContext, execute},
    headers::RequestHeaders,
    parse::{self, ParsedRequest},
    request::{self, Request, RequestHead},
    request_body,
    rest_reply::RestReply,
    state::{AppState, with_state},
};
use bytes::{Buf, Bytes};
use futures_util::Stream;
use std::sync::Arc;
use warp::{Filter, Rejection};

/// Takes every request.
pub fn route(state: Arc<AppState>) -> impl Filter<Extract = (RestReply,), Error = Rejection> + Clone {
    request::head().and(warp::body::stream()).and(with_state(state)).then(|head, body, state| async move {
        // Boxed, so that the routes do not move what a command needs.
        Box::pin(answer(&state, &head, body)).await.unwrap_or_else(|refusal| *refusal)
    })
}

async fn answer<S, B>(state: &Arc<AppState>, head: &RequestHead, body: S) -> Result<RestReply, Box<RestReply>>
where
    S: Stream<Item = Result<B, warp::Error>>,
    B: Buf,
{
    let body = request_body::read(state, &RequestHeaders::read(&head.headers), body).await?;
    let (request, context) = authorized(state, head, body)?;
    Ok(match parse::read(&request) {
        ParsedRequest::Command(command) => execute(&context, &command).await,
        ParsedRequest::Reply(reply) => reply,
    })
}

/// Puts a whole request and the rights of its sender together.
///
/// # Errors
/// The finished refusal of a sender without rights.
pub fn authorized<'a>(
    state: &'a AppState,
    head: &'a RequestHead,
    body: Bytes,
) -> Result<(Request<'a>, CommandContext<'a>), Box<RestReply>> {
    let request = Request { head, headers: RequestHeaders::read(&head.headers), body };
    let context = CommandContext {
        node: &state.node,
        caller: head.client.address,
        rights: state.authorizer.authorize(&request)?,
        thread: state.thread(head.client.connection),
        timeout: state.timeout,
        cache: &state.cache,
    };
    Ok((request, context))
}
