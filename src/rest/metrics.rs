//! `/metrics`: the figures for monitoring, which asks by the path alone (reference/rest 2).

use crate::rest::{
    agent::Agent,
    command::authorized,
    execute::execute,
    headers::RequestHeaders,
    parse,
    request::{self, Request, RequestHead, path_is, reads},
    rest_reply::RestReply,
    state::{AppState, with_state},
};
use bytes::Bytes;
use futures_util::future::ready;
use std::sync::Arc;
use warp::{Filter, Rejection};

/// Takes a GET of `/metrics` that carries no command.
pub fn route(state: Arc<AppState>) -> impl Filter<Extract = (RestReply,), Error = Rejection> + Clone {
    let asks =
        |head: RequestHead| ready(if asks_for_metrics(&head) { Ok(head) } else { Err(warp::reject::not_found()) });
    path_is(|path| path == "/metrics")
        .and(reads())
        .and(request::head())
        .and_then(asks)
        .and(with_state(state))
        .then(answer)
}

fn asks_for_metrics(head: &RequestHead) -> bool {
    head.client.agent != Agent::Grafana && parse::carries_no_command(head)
}

async fn answer(head: RequestHead, state: Arc<AppState>) -> RestReply {
    let headers = RequestHeaders::read(&head.headers);
    let context = match authorized(&state, &head, &headers) {
        Ok(context) => context,
        Err(refusal) => return *refusal,
    };
    let request = Request { head: &head, headers, body: Bytes::new() };
    let command = parse::metrics(&request);
    Box::pin(execute(&context, &command)).await.into_metrics()
}
