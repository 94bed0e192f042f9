//! The id of the request that a line of the log belongs to. It travels with the task and costs no more than a pointer: a
//! span of `tracing` would be a fifth of the node's time for a small request.

use hyper::header::HeaderValue;
use serde_json::Value;
use std::future::Future;

/// The fields that hold ids of requests.
pub(super) const FIELDS: [&str; 2] = [REST, PEER];
const REST: &str = "http.request.id";
const PEER: &str = "peer.job.id";

tokio::task_local! {
    static REQUEST: RequestId;
}

/// What a request is known by.
#[derive(Clone, Debug)]
pub enum RequestId {
    /// The `x-request-id` of a REST request.
    Rest(HeaderValue),
    /// The job of a message of another node; 0 when its sender waits for no answer.
    Peer(u32),
}

/// Runs a future whose lines of the log carry an id.
pub fn within<F: Future>(id: RequestId, future: F) -> impl Future<Output = F::Output> {
    REQUEST.scope(id, future)
}

/// Returns field and value of the request that the current task works for.
pub(super) fn current() -> Option<(&'static str, Value)> {
    REQUEST
        .try_with(|id| match id {
            RequestId::Rest(id) => (REST, id.to_str().unwrap_or_default().into()),
            RequestId::Peer(job) => (PEER, (*job).into()),
        })
        .ok()
}
