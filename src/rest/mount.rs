//! What answers at paths of its own beside the routes of commands: rooms to the left of this one, handed in by the boot.
//!
//! It stands before the routes and not among them: no request for a command passes through it, and what surrounds every request
//! (the id, the log, the figures, the rules for pages and names) is the same.

use crate::rest::{request::RequestHead, rest_reply::RestReply, state::AppState};
use async_trait::async_trait;
use hyper::body::Incoming;
use std::sync::Arc;
use warp::reply::Response;

/// Answers requests at paths of its own.
#[async_trait]
pub trait Mount: Send + Sync {
    /// Returns the name that the figures give its requests.
    fn name(&self) -> &'static str;

    /// Tells whether a path is one of its own.
    fn has(&self, path: &str) -> bool;

    /// Answers a request; nothing of its body has been read, and its rights have not been looked at.
    async fn answer(&self, state: Arc<AppState>, head: Arc<RequestHead>, body: Incoming) -> Response;

    /// Writes a refusal that stands before every route, or of a failure inside the node, as its callers know refusals.
    fn refuse(&self, head: &RequestHead, refusal: RestReply) -> Response;

    /// Writes the refusal of a request whose header was not read, as callers of its path know refusals; nothing where a bare
    /// status will do.
    fn refuse_unread(&self, _path: &str, _refusal: RestReply) -> Option<RestReply> {
        None
    }
}
