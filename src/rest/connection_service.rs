//! What surrounds every request of a connection, whichever route answers it: its id, and its place in the log and in the
//! figures (reference/rest 5).

use crate::{
    rest::{
        activity::{Activity, BusyGuard},
        agent::Agent,
        headers::RequestHeaders,
        health,
        mount::Mount,
        places::Admission,
        refusals::{self, HeaderForm},
        request::{Certificate, ClientInfo, RequestHead},
        request_ids::REQUEST_ID,
        rest_reply::{self, CallFailure, RestReply},
        state::AppState,
    },
    runtime::limits,
    telemetry::{
        RequestId,
        traces::{Ended, Span, traced},
        within,
    },
};
use futures_util::FutureExt;
use hyper::{
    Method, Request,
    body::Incoming,
    header::{self, HeaderValue},
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
    time::Instant,
};
use warp::{Reply, reply::Response};

/// Who is at the other end of a connection.
pub struct ConnectionCaller {
    /// Its address.
    pub address: SocketAddr,
    /// Number of the connection.
    pub number: u64,
    /// How it proved itself during the TLS handshake.
    pub certificate: Certificate,
    /// What the connection is doing.
    pub activity: Activity,
    /// What it may ask.
    pub admission: Admission,
}

/// Hands the requests of one connection to the routes.
pub struct ConnectionService<S> {
    /// The routes.
    pub routes: S,
    /// The state of the server.
    pub state: Arc<AppState>,
    /// The caller.
    pub caller: ConnectionCaller,
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
        let (state, caller) = (Arc::clone(&self.state), &self.caller);
        let form = HeaderForm::of(&request);
        let busy = caller.activity.busy();
        let head = Arc::new(head(caller, &state, &mut request));
        let headers = RequestHeaders::read(&head.headers);
        let exchange = HttpExchange::begin(&state, &head, &headers, form);
        let refusal = match &busy {
            None => Some(refusals::busy()),
            Some(_) => {
                refusals::of_request(&request, form, caller.admission).or_else(|| head.client.page.refusal(&headers))
            }
        };
        if let Some(refusal) = refusal {
            let reply = exchange.refused(refusal);
            return Box::pin(within(exchange.request_id(), async move {
                let reply = exchange.end(&state, reply);
                drop(busy);
                Ok(reply)
            }));
        }
        if let Some(mount) = exchange.mount.clone() {
            let own = Arc::clone(&state);
            let answer = async move { Ok(mount.answer(own, head, request.into_body()).await) };
            return Box::pin(exchange.finish(state, answer, busy));
        }
        request.extensions_mut().insert(head);
        // A clone of the routes is a clone of the pointer to the state that each of them has. Their future is large, and is moved
        // five times from here to the first step.
        let reply = Box::pin(self.routes.clone().call(request));
        Box::pin(exchange.finish(state, reply, busy))
    }
}

/// Takes the head of a request, with what its connection knows of the caller. The lines are the routes' from here on.
fn head(caller: &ConnectionCaller, state: &AppState, request: &mut Request<Incoming>) -> RequestHead {
    let lines = mem::take(request.headers_mut());
    let headers = RequestHeaders::read(&lines);
    let page = state.pages.page(request.method(), request.uri(), &headers, state.secure);
    let client = ClientInfo {
        address: caller.address,
        connection: caller.number,
        certificate: caller.certificate.clone(),
        agent: headers.agent,
        page,
        activity: caller.activity.clone(),
    };
    RequestHead { client, method: request.method().clone(), target: request.uri().clone(), headers: lines }
}

/// Says how a request ended, for traces.
fn ended(reply: &Response) -> Ended {
    let failure = reply.status().is_server_error().then(|| reply.status().to_string());
    Ended { failure, status: Some(reply.status().as_u16()) }
}

/// A request under way.
struct HttpExchange {
    id: HeaderValue,
    head: Arc<RequestHead>,
    started: Instant,
    /// True when simple clients take the end of the connection for the end of the reply, because no body is announced or an
    /// interim reply comes first; and after a large header, whose buffer lasts as long as its connection.
    closes: bool,
    /// True when a browser shows the reply as a page.
    navigates: bool,
    /// What answers at the path of the request, when that is not a route.
    mount: Option<Arc<dyn Mount>>,
}

impl HttpExchange {
    fn begin(state: &AppState, head: &Arc<RequestHead>, headers: &RequestHeaders<'_>, form: HeaderForm) -> Self {
        state.calls.fetch_add(1, Ordering::Relaxed);
        Self {
            id: state.ids.id_for(headers.request_id.value()),
            head: Arc::clone(head),
            started: Instant::now(),
            closes: matches!(head.method, Method::HEAD | Method::OPTIONS)
                || headers.expect.is_given()
                || form.bytes > limits::REST_SMALL_HEADER,
            navigates: headers.sec_fetch_mode.value().is_some_and(|mode| mode == "navigate"),
            mount: state.mount(head, headers),
        }
    }

    /// Returns the id for the lines of the log.
    fn request_id(&self) -> RequestId {
        RequestId::Rest(self.id.clone())
    }

    /// Waits for the reply and sees the request to its end.
    async fn finish(
        self,
        state: Arc<AppState>,
        reply: impl Future<Output = Result<Response, Infallible>>,
        busy: Option<BusyGuard>,
    ) -> Result<Response, Infallible> {
        within(self.request_id(), async move {
            if self.reads_ledger() {
                state.node.ledger.until_read().await;
            }
            let reply = traced(|| self.span(), self.reply(reply), ended).await;
            let reply = self.end(&state, reply);
            drop(busy);
            Ok(reply)
        })
        .await
    }

    /// Writes a refusal as callers of the path know refusals.
    fn refused(&self, refusal: RestReply) -> Response {
        match &self.mount {
            Some(mount) => mount.refuse(&self.head, refusal),
            None => refusal.into_response(),
        }
    }

    /// Waits for the reply; a failure inside the node becomes a reply as well.
    async fn reply(&self, reply: impl Future<Output = Result<Response, Infallible>>) -> Response {
        let Ok(Ok(reply)) = AssertUnwindSafe(reply).catch_unwind().await else {
            tracing::error!(url.path = self.head.path(), "a request failed inside the node");
            return self.refused(RestReply::internal_error());
        };
        reply
    }

    /// Counts and logs the request, and gives its reply its id.
    fn end(self, state: &AppState, mut reply: Response) -> Response {
        let failure = reply.extensions_mut().remove::<CallFailure>().map(|CallFailure(text)| text);
        if self.head.method != Method::OPTIONS {
            let (method, address) = (self.head.method.as_str(), self.head.client.address);
            state.node.calls.count(self.caller_name(), method, address, failure.as_deref());
        }
        let (status, took) = (reply.status().as_u16(), self.started.elapsed());
        state.node.figures.request(self.route(), self.head.method.as_str(), status, took);
        tracing::debug!(
            client.address = %self.head.client.address,
            http.request.method = %self.head.method,
            url.path = self.head.path(),
            http.response.status_code = status,
            error = failure,
            "answered"
        );
        reply.headers_mut().insert(REQUEST_ID, self.id);
        if self.navigates
            && let Some(kind) = reply.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok())
            && let Some(kind) = rest_reply::registered(kind)
        {
            reply.headers_mut().insert(header::CONTENT_TYPE, kind);
        }
        if self.closes {
            reply.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        reply
    }

    fn id(&self) -> &str {
        self.id.to_str().unwrap_or_default()
    }

    /// Describes the request for traces; a caller may have begun the trace.
    fn span(&self) -> Span<'_> {
        let attributes = vec![
            ("http.request.method", self.head.method.as_str().to_owned()),
            ("url.path", self.head.path().to_owned()),
            ("http.route", self.route().to_owned()),
            ("client.address", self.head.client.address.ip().to_string()),
            ("http.request.id", self.id().to_owned()),
        ];
        let parent = self.head.headers.get("traceparent").and_then(|line| line.to_str().ok());
        Span { name: "request", attributes, parent: Some(parent.unwrap_or_default()) }
    }

    /// Returns the name that the figures give the route of the request.
    fn route(&self) -> &'static str {
        if let Some(mount) = &self.mount {
            return mount.name();
        }
        match self.head.path() {
            _ if self.head.client.agent == Agent::Grafana => "grafana",
            // Nearly every command comes to the root.
            "/" => "command",
            "/metrics" => "metrics",
            path if health::is_probe(&self.head.method, path) => "probe",
            _ => "command",
        }
    }

    /// Tells whether the answer may come from the ledger; those who watch over the node want to know how it is while it starts.
    fn reads_ledger(&self) -> bool {
        self.mount.is_some() || !matches!(self.route(), "metrics" | "probe")
    }

    /// Returns the name that the statistics give the caller: its product, `url` for the URL form, `AnyLog-V1` without
    /// either.
    fn caller_name(&self) -> &'static str {
        let has_command = |query: &str| query.to_ascii_lowercase().contains("command");
        match self.head.client.agent {
            Agent::Unknown if self.head.target.query().is_some_and(has_command) => "url",
            Agent::Unknown => "AnyLog-V1",
            known => known.product(),
        }
    }
}
