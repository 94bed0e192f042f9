//! What all requests of one server share.

use crate::{
    node::Node,
    rest::{
        auth::Authorizer, byte_budget::ByteBudget, certificate_roles::CertificateRoles, headers::RequestHeaders,
        mount::Mount, page::Pages, request::RequestHead, request_ids::RequestIds, response_cache::ResponseCache,
    },
};
use std::convert::Infallible;
use std::{
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};
use tokio_util::sync::CancellationToken;
use warp::Filter;

/// Names of the logs' thread column.
const THREADS: [&str; 10] =
    ["rest_0", "rest_1", "rest_2", "rest_3", "rest_4", "rest_5", "rest_6", "rest_7", "rest_8", "rest_9"];

/// The state of the REST server.
pub struct AppState {
    /// The node.
    pub node: Arc<Node>,
    /// Who may do what.
    pub authorizer: Authorizer,
    /// What the owners of client certificates may do.
    pub certificate_roles: CertificateRoles,
    /// True when callers reach the server over TLS.
    pub secure: bool,
    /// Whose pages may do what.
    pub pages: Pages,
    /// Memory of all requests together.
    pub budget: Arc<ByteBudget>,
    /// Bytes of a request body.
    pub body_limit: usize,
    /// Time that a request body gets.
    pub body_time: Duration,
    /// Seconds that other nodes get when neither the request nor `set rest timeout` says.
    pub timeout: Duration,
    /// How many names of the logs' thread column are given in turn.
    pub threads: usize,
    /// Kept replies.
    pub cache: ResponseCache,
    /// Requests so far.
    pub calls: Arc<AtomicU64>,
    /// Ids of requests.
    pub ids: RequestIds,
    /// What answers at paths of its own.
    pub mounts: Vec<Arc<dyn Mount>>,
    /// What answers alone, when the port is not one of commands.
    pub alone: Option<Arc<dyn Mount>>,
    /// Cancelled when the server stops: replies that have no end of their own end then.
    pub stop: CancellationToken,
}

impl AppState {
    /// Returns what answers a request at a path of its own. Whoever names a command in the header may use any path.
    #[must_use]
    pub fn mount(&self, head: &RequestHead, headers: &RequestHeaders<'_>) -> Option<Arc<dyn Mount>> {
        if self.alone.is_some() {
            return self.alone.clone();
        }
        // Nearly every command comes to the root: nothing more is looked at for it.
        if head.path().len() < 2 || headers.command.is_given() {
            return None;
        }
        self.mount_at(head.path()).cloned()
    }

    /// Returns what answers at a path beside the routes.
    #[must_use]
    pub fn mount_at(&self, path: &str) -> Option<&Arc<dyn Mount>> {
        self.mounts.iter().find(|mount| mount.has(path))
    }

    /// Names the thread of a connection's requests in the logs.
    #[must_use]
    pub fn thread(&self, connection: u64) -> &'static str {
        let turn = usize::try_from(connection).unwrap_or_default() % self.threads.clamp(1, THREADS.len());
        THREADS.get(turn).copied().unwrap_or("rest")
    }
}

/// Hands the state of the server to a route.
pub fn with_state(state: Arc<AppState>) -> impl Filter<Extract = (Arc<AppState>,), Error = Infallible> + Clone {
    warp::any().map(move || Arc::clone(&state))
}
