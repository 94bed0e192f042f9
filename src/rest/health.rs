//! Health answers for machines: `/health`, `/livez`, `/readyz`, `/api/status` (reference/rest 2).

use crate::{
    node::Node,
    rest::{
        headers::RequestHeaders,
        request::{keep_if, reads},
        rest_reply::RestReply,
        state::{AppState, with_state},
    },
    runtime::clock,
};
use futures_util::future::ready;
use hyper::{HeaderMap, Method, StatusCode};
use serde_json::json;
use std::sync::Arc;
use warp::{Filter, Rejection, path::FullPath};

/// Takes a GET of a health path that carries no command, whatever its agent is.
pub fn route(state: Arc<AppState>) -> impl Filter<Extract = (RestReply,), Error = Rejection> + Clone {
    let asked = |path: FullPath| ready(Probe::at(path.as_str()).ok_or_else(warp::reject::not_found));
    warp::path::full().and_then(asked).and(reads()).and(without_command()).and(with_state(state)).map(
        |probe, state: Arc<AppState>| match probe {
            Probe::Alive => RestReply::typed("application/json", r#"{"status": "alive"}"#),
            Probe::Ready => readiness(&state.node),
            Probe::Health => healthy(),
            Probe::Status => RestReply::typed("application/json", r#"{"status": "ok"}"#),
        },
    )
}

/// Tells whether a request asks how the node is, which is answered when nothing else is.
#[must_use]
pub fn is_probe(method: &Method, path: &str) -> bool {
    matches!(*method, Method::GET | Method::HEAD) && Probe::at(path).is_some()
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Probe {
    /// Whether the program runs: `/livez`.
    Alive,
    /// Whether the node may be given work: `/readyz`.
    Ready,
    /// `/health…`, as other nodes answer it.
    Health,
    /// `/api/status…`, as other nodes answer it.
    Status,
}

impl Probe {
    fn at(path: &str) -> Option<Self> {
        match path {
            "/livez" => Some(Self::Alive),
            "/readyz" => Some(Self::Ready),
            path if path.starts_with("/health") => Some(Self::Health),
            path if path.starts_with("/api/status") => Some(Self::Status),
            _ => None,
        }
    }
}

/// Takes requests without a command in their header.
fn without_command() -> impl Filter<Extract = (), Error = Rejection> + Clone {
    warp::header::headers_cloned()
        .and_then(|headers: HeaderMap| keep_if(RequestHeaders::read(&headers).command.filled().is_none()))
        .untuple_one()
}

fn healthy() -> RestReply {
    let seconds = clock::now().as_microsecond();
    let (whole, part) = (seconds.div_euclid(1_000_000), seconds.rem_euclid(1_000_000));
    let body = format!(r#"{{"status": "healthy", "service": "anylog-rest-server", "timestamp": {whole}.{part:06}}}"#);
    RestReply::typed("application/json", body)
}

/// Ready, or 503 with what is missing; beside it what an operator has to look at.
fn readiness(node: &Node) -> RestReply {
    let missing = node.unready();
    let list = |texts: &[String]| texts.iter().map(|text| json!(text).to_string()).collect::<Vec<_>>().join(", ");
    let concerns = Some(node.concerns()).filter(|concerns| !concerns.is_empty());
    let concerns = concerns.map(|concerns| format!(r#", "concerns": [{}]"#, list(&concerns))).unwrap_or_default();
    if missing.is_empty() {
        return RestReply::typed("application/json", format!(r#"{{"status": "ready"{concerns}}}"#));
    }
    let missing: Vec<String> = missing.into_iter().map(str::to_owned).collect();
    let errors = Some(node.readiness.boot_errors()).filter(|errors| !errors.is_empty());
    let errors = errors.map(|errors| format!(r#", "errors": [{}]"#, list(&errors))).unwrap_or_default();
    let body = format!(r#"{{"status": "not ready", "missing": [{}]{errors}{concerns}}}"#, list(&missing));
    RestReply {
        status: StatusCode::SERVICE_UNAVAILABLE,
        failure: Some("not ready".to_owned()),
        ..RestReply::typed("application/json", body)
    }
}
