//! `/metrics`: the figures for monitoring, which asks by the path alone (reference/rest 2).

use crate::rest::{
    agent::Agent,
    command::authorized,
    execute::execute,
    headers::RequestHeaders,
    parse,
    request::{self, Request, RequestHead, path_is, reads},
    rest_reply::{METRICS, OPEN_METRICS, RestReply},
    state::{AppState, with_state},
};
use bytes::Bytes;
use futures_util::future::ready;
use hyper::{HeaderMap, header};
use std::sync::Arc;
use warp::{Filter, Rejection};

/// Takes a GET of `/metrics` that carries no command.
pub fn route(state: Arc<AppState>) -> impl Filter<Extract = (RestReply,), Error = Rejection> + Clone {
    let asks =
        |head: Arc<RequestHead>| ready(if asks_for_metrics(&head) { Ok(head) } else { Err(warp::reject::not_found()) });
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

async fn answer(head: Arc<RequestHead>, state: Arc<AppState>) -> RestReply {
    let headers = RequestHeaders::read(&head.headers);
    let context = match authorized(&state, &head, &headers) {
        Ok(context) => context,
        Err(refusal) => return *refusal,
    };
    let request = Request { head: &head, headers, body: Bytes::new() };
    let is_newer = accepts_open_metrics(&head.headers);
    let command = parse::metrics(&request, is_newer);
    let kind = if is_newer { OPEN_METRICS } else { METRICS };
    Box::pin(execute(&context, &command)).await.into_metrics(kind)
}

/// Tells whether a caller asks for the newer format by its name. Who takes anything gets the one that everything reads.
fn accepts_open_metrics(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::ACCEPT).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let is_named = parts.next() == Some("application/openmetrics-text");
        is_named && !parts.any(|part| part.strip_prefix("q=").is_some_and(|weight| weight.parse() == Ok(0.0)))
    })
}
