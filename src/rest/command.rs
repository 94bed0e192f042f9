//! The command endpoint: any path, the command in the header, the URL or the body (reference/rest 2).

use crate::{
    command::{
        self,
        access::{self, Permission},
    },
    node::{Door, Role},
    rest::{
        agent::Agent,
        auth::Rights,
        execute::{CommandContext, execute},
        headers::RequestHeaders,
        parse::{self, ParsedRequest},
        request::{self, Request, RequestHead},
        request_body::{self, RequestBody},
        rest_reply::RestReply,
        state::{AppState, with_state},
    },
    runtime::limits,
};
use bytes::Buf;
use futures_util::{Stream, future::ready};
use hyper::{Method, StatusCode};
use std::sync::Arc;
use warp::{Filter, Rejection};

/// Takes the commands that no other route takes: those to the root, from anybody but the Grafana connector.
pub fn at_the_root(state: Arc<AppState>) -> impl Filter<Extract = (RestReply,), Error = Rejection> + Clone {
    let is_here = |head: Arc<RequestHead>| {
        let carries = matches!(head.method, Method::GET | Method::POST);
        ready(if carries && head.path() == "/" && head.client.agent != Agent::Grafana {
            Ok(())
        } else {
            Err(warp::reject::not_found())
        })
    };
    request::head().and_then(is_here).untuple_one().and(route(state))
}

/// Takes every request.
pub fn route(state: Arc<AppState>) -> impl Filter<Extract = (RestReply,), Error = Rejection> + Clone {
    request::head().and(warp::body::stream()).and(with_state(state)).then(
        |head: Arc<RequestHead>, body, state| async move {
            // Boxed, so that the routes do not move what a command needs.
            Box::pin(answer(&state, &head, body)).await.unwrap_or_else(|refusal| *refusal)
        },
    )
}

async fn answer<S, B>(state: &Arc<AppState>, head: &RequestHead, body: S) -> Result<RestReply, Box<RestReply>>
where
    S: Stream<Item = Result<B, warp::Error>>,
    B: Buf,
{
    let headers = RequestHeaders::read(&head.headers);
    let context = authorized(state, head, &headers)?;
    let body = read_body(state, head, &headers, &context.rights, body).await?;
    let request = Request { head, headers, body: body.bytes.clone() };
    Ok(match parse::read(&request) {
        ParsedRequest::Command(command) => execute(&context, &command).await,
        ParsedRequest::Reply(reply) => reply,
    })
}

/// Returns what the commands of a request share, with the rights of its sender.
///
/// # Errors
/// The finished refusal of a sender without rights; its body has not been read.
pub fn authorized<'a>(
    state: &'a AppState,
    head: &'a RequestHead,
    headers: &RequestHeaders<'_>,
) -> Result<CommandContext<'a>, Box<RestReply>> {
    let rights = state.authorizer.authorize(head, headers).inspect_err(|refusal| {
        let reason = if refusal.status == StatusCode::TOO_MANY_REQUESTS { "too_many" } else { "proof" };
        state.node.figures.auth_failure(Door::RestRead, reason);
    })?;
    Ok(CommandContext {
        node: &state.node,
        caller: head.client.address,
        rights,
        thread: state.thread(head.client.connection),
        timeout: state.timeout,
        cache: &state.cache,
    })
}

/// Reads the body as far as the rights of the caller reach: a question is short, and what is refused in any case needs none.
async fn read_body<S, B>(
    state: &AppState,
    head: &RequestHead,
    headers: &RequestHeaders<'_>,
    rights: &Rights,
    body: S,
) -> Result<RequestBody, Box<RestReply>>
where
    S: Stream<Item = Result<B, warp::Error>>,
    B: Buf,
{
    let takes_bodies = matches!(head.method, Method::GET | Method::HEAD | Method::POST);
    if !takes_bodies || !request_body::is_announced(headers) {
        return Ok(RequestBody::default());
    }
    let door = Door::rest(rights.role, rights.foreign);
    let is_closed = |command: &str| {
        let entry = command::select(command).entry();
        entry.is_some_and(|entry| access::permission(door, entry.access) == Permission::No)
    };
    if headers.command.filled().is_some_and(|command| is_closed(&command)) {
        // The command is refused by its name, with the same reply as without a body.
        return Ok(RequestBody::default());
    }
    let limit = if rights.role < Role::Publish { limits::REST_QUESTION } else { state.body_limit };
    request_body::read(state, &head.client, headers, limit, body).await
}
