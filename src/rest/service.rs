//! The road of one request: bytes → command → answer.

use crate::{
    node::{Node, Output},
    rest::{
        answer::Answer,
        auth::Guard,
        call::{self, Context},
        carrier::{self, Carried},
        grafana,
        lines::Lines,
        listing::Listings,
        probe,
        request::{Arrival, Request, RequestNumber, Tray},
        request_ids::RequestIds,
    },
};
use bytes::Bytes;
use futures_util::FutureExt;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::{
    Method, StatusCode,
    body::Incoming,
    header::{self, HeaderValue},
};
use std::{
    convert::Infallible,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tracing::Instrument;
use warp::{Filter, Reply};

/// Names of the logs' thread column.
const THREADS: [&str; 10] =
    ["rest_0", "rest_1", "rest_2", "rest_3", "rest_4", "rest_5", "rest_6", "rest_7", "rest_8", "rest_9"];

/// What all requests of one server share.
pub struct Desk {
    /// The node.
    pub node: Arc<Node>,
    /// Who may do what.
    pub guard: Guard,
    /// Bytes of a request body.
    pub body_limit: usize,
    /// Time that a request body gets.
    pub body_time: Duration,
    /// Seconds that other nodes get when neither the request nor `set rest timeout` says.
    pub timeout: Duration,
    /// How many names of the logs' thread column are given in turn.
    pub threads: usize,
    /// Kept answers.
    pub listings: Listings,
    /// Requests so far.
    pub calls: Arc<AtomicU64>,
    /// Ids of requests.
    pub ids: RequestIds,
}

/// Creates the one filter that takes every request of a connection.
pub fn filter(
    desk: Arc<Desk>,
    tray: Arc<Tray>,
    console: Arc<dyn Output>,
) -> impl Filter<Extract = (warp::reply::Response,), Error = Infallible> + Clone + Send + Sync + 'static {
    // One count of users for both, which the requests of other connections do not touch.
    let place = Arc::new((desk, tray, console));
    warp::any().then(move || {
        let place = Arc::clone(&place);
        Box::pin(async move {
            let (desk, tray, console) = &*place;
            match tray.take() {
                Some((arrival, body)) => desk.serve(&arrival, body, console).await,
                None => warp::reply::with_status("no request", StatusCode::INTERNAL_SERVER_ERROR).into_response(),
            }
        })
    })
}

impl Desk {
    /// Answers under the request's id.
    async fn serve(&self, arrival: &Arrival, body: Incoming, console: &Arc<dyn Output>) -> warp::reply::Response {
        let lines = Lines::of(&arrival.headers);
        self.calls.fetch_add(1, Ordering::Relaxed);
        let id = self.ids.of(lines.request_id.value(), arrival.number);
        let answer = self.respond(arrival, lines, body, (console, &id));
        // At the usual level of the log a span would be a fifth of the node's time for a small request.
        let answer = if tracing::enabled!(tracing::Level::DEBUG) {
            let span = tracing::debug_span!("request", http.request.id = id.to_str().unwrap_or_default());
            answer.instrument(span).await
        } else {
            answer.await
        };
        answer.into_response(id)
    }

    /// Reads the body and answers; a failure inside the node becomes a reply as well.
    async fn respond(
        &self,
        arrival: &Arrival,
        lines: Lines<'_>,
        body: Incoming,
        (console, id): (&Arc<dyn Output>, &HeaderValue),
    ) -> Answer {
        let body = match self.read(&lines, body).await {
            Ok(body) => body,
            Err(refused) => return *refused,
        };
        let request = Request::new(arrival, lines, body);
        let answer = AssertUnwindSafe(self.answer(&request, console)).catch_unwind().await;
        let mut answer = answer.unwrap_or_else(|_| {
            let id = id.to_str().unwrap_or_default();
            tracing::error!(url.path = request.path(), http.request.id = id, "a request failed inside the node");
            let body = r#"{"Error" : "internal error, see the log of the node"}"#;
            Answer::failed(StatusCode::INTERNAL_SERVER_ERROR, "internal error", body.to_owned())
        });
        self.count(&request, &answer);
        note(&request, &answer);
        if reads_to_the_end(&request) {
            answer.headers.push((header::CONNECTION, HeaderValue::from_static("close")));
        }
        answer
    }

    /// Collects the body within its limits of size and time.
    async fn read(&self, lines: &Lines<'_>, body: Incoming) -> Result<Bytes, Box<Answer>> {
        let announced = lines.content_length.text().and_then(|length| length.parse::<u64>().ok());
        if !lines.transfer_encoding.is_given() && announced.unwrap_or(0) == 0 {
            return Ok(Bytes::new());
        }
        if announced.is_some_and(|length| length > self.body_limit as u64) {
            return Err(Box::new(self.too_large()));
        }
        // Most requests have no body: what reads one is boxed, so that the others need not move it about.
        match Box::pin(tokio::time::timeout(self.body_time, self.collect(body))).await {
            Ok(result) => result,
            Err(_) => Err(Box::new(refused(StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time"))),
        }
    }

    async fn collect(&self, body: Incoming) -> Result<Bytes, Box<Answer>> {
        match Limited::new(body, self.body_limit).collect().await {
            Ok(whole) => Ok(whole.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => Err(Box::new(self.too_large())),
            Err(_) => Err(Box::new(refused(StatusCode::BAD_REQUEST, "the body is broken off"))),
        }
    }

    fn too_large(&self) -> Answer {
        let reason = format!("the body is larger than {} bytes (REST_BODY_LIMIT)", self.body_limit);
        refused(StatusCode::PAYLOAD_TOO_LARGE, &reason)
    }

    async fn answer(&self, request: &Request<'_>, console: &Arc<dyn Output>) -> Answer {
        if *request.method() == Method::OPTIONS {
            return Answer::preflight(request.arrival.headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS));
        }
        if let Some(health) = probe::answer(&self.node, request) {
            return health;
        }
        let rights = match self.guard.admit(request) {
            Ok(rights) => rights,
            Err(refusal) => return *refusal,
        };
        let context = Context {
            node: &self.node,
            caller: request.arrival.caller,
            rights,
            thread: self.thread(request.arrival.number),
            console,
            timeout: self.timeout,
            listings: &self.listings,
        };
        match carrier::read(request) {
            Carried::Call(call) => Box::pin(call::answer(&context, &call)).await,
            Carried::Metrics(call) => Box::pin(call::answer(&context, &call)).await.into_metrics(),
            Carried::Grafana => Box::pin(grafana::answer(&context, request)).await,
            Carried::Answer(answer) => answer,
        }
    }

    /// Names the thread of a request: one connection is served by one.
    fn thread(&self, number: RequestNumber) -> &'static str {
        let turn = usize::try_from(number.connection).unwrap_or_default() % self.threads.clamp(1, THREADS.len());
        THREADS.get(turn).copied().unwrap_or("rest")
    }

    fn count(&self, request: &Request<'_>, answer: &Answer) {
        if *request.method() != Method::OPTIONS {
            let name = carrier::caller_name(request);
            let method = request.method().as_str();
            self.node.calls.count(name, method, request.arrival.caller, answer.failure.as_deref());
        }
    }
}

/// Writes what came of a request into the log.
fn note(request: &Request<'_>, answer: &Answer) {
    tracing::debug!(
        client.address = %request.arrival.caller,
        http.request.method = %request.method(),
        url.path = request.path(),
        http.response.status_code = answer.status.as_u16(),
        error = answer.failure.as_deref(),
        "answered"
    );
}

/// Tells whether simple clients take the end of the connection for the end of the reply: no body is announced, or an
/// interim reply came first.
fn reads_to_the_end(request: &Request<'_>) -> bool {
    matches!(*request.method(), Method::HEAD | Method::OPTIONS) || request.lines.expect.is_given()
}

/// Refuses a request whose body was not read; the connection ends with the reply.
fn refused(status: StatusCode, reason: &str) -> Answer {
    let body = format!(r#"{{"Error" : "{reason}"}}"#);
    let mut answer = Answer::failed(status, reason, body);
    answer.headers.push((header::CONNECTION, HeaderValue::from_static("close")));
    answer
}
