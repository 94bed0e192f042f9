//! The routes of the REST server, joined into one filter.
//!
//! A request is answered by the first route that takes it:
//!
//! 1. preflights of browsers, on any path ([`preflight`]),
//! 2. what machines ask without a token: health ([`health`]),
//! 3. what monitoring asks: `/metrics` ([`metrics`]),
//! 4. the Grafana connector, known by its agent ([`grafana`]),
//! 5. paths that nobody answers, asked for without a command by who is no client of the network ([`wrong_path`]),
//! 6. commands, on any path: clients name them in header lines ([`command`]).
//!
//! Nearly every command comes to the root, which none of 1 to 5 takes but from Grafana: it is looked for first, and `get status`
//! does 0.84 of what a bare warp does in place of 0.79 (`cargo bench --bench rest`), a quarter of what the routes cost.
//!
//! What has paths of its own, such as `/v1/…` and pages, is no route: a [`Mount`](crate::rest::Mount) answers it before the
//! routes, so that a command passes no filter more.
//!
//! A route that has taken a request answers it in any case, also with a refusal. A rejection would hand the request to
//! the next route, which might take it.

use crate::rest::{command, grafana, health, metrics, preflight, rest_reply::RestReply, state::AppState, wrong_path};
use std::{convert::Infallible, sync::Arc};
use warp::{Filter, Rejection, filters::BoxedFilter};

/// Returns the filter that answers every request.
pub fn routes(state: &Arc<AppState>) -> impl Filter<Extract = (RestReply,), Error = Infallible> + Clone + use<> {
    command::at_the_root(Arc::clone(state)).or(others(state)).unify().recover(not_routed).unify()
}

/// Returns the routes in their order; boxed, so that what they need is no part of the future of a command at the root.
fn others(state: &Arc<AppState>) -> BoxedFilter<(RestReply,)> {
    preflight::route()
        .or(health::route(Arc::clone(state)))
        .unify()
        .or(metrics::route(Arc::clone(state)))
        .unify()
        .or(grafana::route(Arc::clone(state)))
        .unify()
        .or(wrong_path::route())
        .unify()
        .or(command::route(Arc::clone(state)))
        .unify()
        .boxed()
}

/// Answers a request that no route took. The last one takes all, so this is a mistake of the node.
async fn not_routed(rejection: Rejection) -> Result<RestReply, Infallible> {
    tracing::error!(?rejection, "no route took a request");
    Ok(RestReply::internal_error())
}
