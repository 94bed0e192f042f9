//! OPTIONS: what a browser asks before a page of another origin may call (reference/rest 5).

use crate::rest::rest_reply::RestReply;
use hyper::{HeaderMap, header};
use warp::{Filter, Rejection};

/// Takes OPTIONS on any path.
pub fn route() -> impl Filter<Extract = (RestReply,), Error = Rejection> + Clone {
    warp::options()
        .and(warp::header::headers_cloned())
        .map(|headers: HeaderMap| RestReply::preflight(headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS)))
}
