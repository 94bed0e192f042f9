//! OPTIONS: what a browser asks before a page of another origin may call (reference/rest 5).

use crate::rest::{
    request::{self, RequestHead},
    rest_reply::RestReply,
};
use hyper::header;
use std::sync::Arc;
use warp::{Filter, Rejection};

/// Takes OPTIONS on any path.
pub fn route() -> impl Filter<Extract = (RestReply,), Error = Rejection> + Clone {
    warp::options()
        .and(request::head())
        .map(|head: Arc<RequestHead>| RestReply::preflight(head.headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS)))
}
