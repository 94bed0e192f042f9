//! What surrounds every request of a connection, whichever route answers it: its id, its place in the log and in the
//! figures, and the header lines that every reply carries (reference/rest 5).

use crate::{
    rest::{
        agent::Agent,
        headers::RequestHeaders,
        request::{Certificate, ClientInfo},
        request_ids::REQUEST_ID,
        rest_reply::{Failure, RestReply},
        state::AppState,
        timeout_stream::Phase,
    },
    runtime::limits,
};
use futures_util::FutureExt;
use hyper::{
    HeaderMap, Method, Request, Uri,
    body::Incoming,
    header::{self, HeaderName, HeaderValue},
    service::Service,
};
use std::{
    convert::Infallible,
    future::Future,
    mem,
    net::SocketAddr,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::{Arc, atomic::Ordering},
};
use tracing::Instrument;
use warp::{Reply, reply::Response};

/// Pages of every origin may read replies and their header lines.
const CROSS_ORIGIN: [(HeaderName, HeaderValue); 3] = [
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    (header::VARY, HeaderValue::from_static("Origin")),
    (header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("*")),
];

/// Hands the requests of one connection to the routes.
pub struct ConnectionService<S> {
    /// The routes.
    pub routes: S,
    /// The state of the server.
    pub state: Arc<AppState>,
    /// Address of the caller.
    pub address: SocketAddr,
    /// Number of the connection.
    pub number: u64,
    /// How the caller proved itself during the TLS handshake.
    pub certificate: Certificate,
    /// What the connection is doing.
    pub phase: Phase,
}

impl<S> Service<Request<Incoming>> for ConnectionService<S>
where
    S: tower_service::Service<Request<Incoming>, Response = Response, Error = Infallible> + Clone,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        let busy = self.phase.busy();
        let state = Arc::clone(&self.state);
        let exchange = Exchange::begin(&state, &request, self.address);
        if request.headers().len() > limits::REST_HEADER_LINES {
            let reply = RestReply::too_many_header_lines().into_response();
            return Box::pin(async move { Ok(exchange.end(&state, reply)) });
        }
        request.extensions_mut().insert(ClientInfo {
            address: self.address,
            connection: self.number,
            certificate: self.certificate,
            agent: exchange.agent,
        });
        // A clone of the routes is a clone of the pointer to the state that each of them has.
        let reply = self.routes.clone().call(request);
        Box::pin(async move {
            let reply = exchange.reply(reply).await;
            let reply = exchange.end(&state, reply);
            drop(busy);
            Ok(reply)
        })
    }
}

/// A request under way.
struct Exchange {
    id: HeaderValue,
    address: SocketAddr,
    agent: Agent,
    method: Method,
    target: Uri,
    /// True when simple clients take the end of the connection for the end of the reply: no body is announced, or an
    /// interim reply comes first.
    closes: bool,
}

impl Exchange {
    fn begin(state: &AppState, request: &Request<Incoming>, address: SocketAddr) -> Self {
        state.calls.fetch_add(1, Ordering::Relaxed);
        let headers = RequestHeaders::read(request.headers());
        Self {
            id: state.ids.id_for(headers.request_id.value()),
            address,
            agent: headers.agent,
            method: request.method().clone(),
            target: request.uri().clone(),
            closes: matches!(*request.method(), Method::HEAD | Method::OPTIONS) || headers.expect.is_given(),
        }
    }

    /// Waits for the reply under the request's id; a failure inside the node becomes a reply as well.
    async fn reply(&self, reply: impl Future<Output = Result<Response, Infallible>>) -> Response {
        let reply = AssertUnwindSafe(reply).catch_unwind();
        // At the usual level of the log a span would be a fifth of the node's time for a small request.
        let reply = if tracing::enabled!(tracing::Level::DEBUG) {
            reply.instrument(tracing::debug_span!("request", http.request.id = self.id())).await
        } else {
            reply.await
        };
        let Ok(Ok(reply)) = reply else {
            tracing::error!(
                url.path = self.target.path(),
                http.request.id = self.id(),
                "a request failed inside the node"
            );
            return RestReply::internal_error().into_response();
        };
        reply
    }

    /// Counts and logs the request, and gives its reply the header lines that every reply has.
    fn end(self, state: &AppState, mut reply: Response) -> Response {
        let failure = reply.extensions_mut().remove::<Failure>().map(|Failure(text)| text);
        if self.method != Method::OPTIONS {
            state.node.calls.count(self.caller_name(), self.method.as_str(), self.address, failure.as_deref());
        }
        tracing::debug!(
            client.address = %self.address,
            http.request.method = %self.method,
            url.path = self.target.path(),
            http.response.status_code = reply.status().as_u16(),
            error = failure,
            "answered"
        );
        let closes = self.closes;
        let own = mem::take(reply.headers_mut());
        *reply.headers_mut() = with_common_lines(own, self.id);
        if closes {
            reply.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        reply
    }

    fn id(&self) -> &str {
        self.id.to_str().unwrap_or_default()
    }

    /// Returns the name that the statistics give the caller: its product, `url` for the URL form, `AnyLog-V1` without
    /// either.
    fn caller_name(&self) -> &'static str {
        let has_command = |query: &str| query.to_ascii_lowercase().contains("command");
        match self.agent {
            Agent::Unknown if self.target.query().is_some_and(has_command) => "url",
            Agent::Unknown => "AnyLog-V1",
            known => known.product(),
        }
    }
}

/// Puts the lines of every reply around those of one, in the order that clients know: the id, the type, what other origins
/// may do, and the rest.
fn with_common_lines(own: HeaderMap, id: HeaderValue) -> HeaderMap {
    let mut all = HeaderMap::with_capacity(own.len() + 1 + CROSS_ORIGIN.len());
    all.insert(REQUEST_ID, id);
    if let Some(kind) = own.get(header::CONTENT_TYPE) {
        all.insert(header::CONTENT_TYPE, kind.clone());
    }
    all.extend(CROSS_ORIGIN);
    all.extend(own);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reply_has_the_common_lines_in_their_order() {
        let reply = RestReply::wrong_method("PUT").into_response();
        let all = with_common_lines(reply.headers().clone(), HeaderValue::from_static("7"));
        let names: Vec<&str> = all.keys().map(HeaderName::as_str).collect();
        let expected = [
            "x-request-id",
            "content-type",
            "access-control-allow-origin",
            "vary",
            "access-control-expose-headers",
            "allow",
        ];
        assert_eq!(names, expected);
    }
}
