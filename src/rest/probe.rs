//! Health answers for machines: `/health`, `/livez`, `/readyz`, `/api/status` (reference/rest 2).

use crate::{
    node::Node,
    rest::{answer::Answer, request::Request},
    runtime::clock,
};
use hyper::StatusCode;
use serde_json::json;

/// Answers a GET of a health path that carries no command, whatever its agent is.
#[must_use]
pub fn answer(node: &Node, request: &Request<'_>) -> Option<Answer> {
    let path = request.path();
    let asks = matches!(*request.method(), hyper::Method::GET | hyper::Method::HEAD);
    if path == "/" || !asks || request.lines.command.filled().is_some() {
        return None;
    }
    match path {
        "/livez" => Some(Answer::typed("application/json", r#"{"status": "alive"}"#)),
        "/readyz" => Some(readiness(node)),
        path if path.starts_with("/health") => Some(healthy()),
        path if path.starts_with("/api/status") => Some(Answer::typed("application/json", r#"{"status": "ok"}"#)),
        _ => None,
    }
}

fn healthy() -> Answer {
    let seconds = clock::now().as_microsecond();
    let (whole, part) = (seconds.div_euclid(1_000_000), seconds.rem_euclid(1_000_000));
    let body = format!(r#"{{"status": "healthy", "service": "anylog-rest-server", "timestamp": {whole}.{part:06}}}"#);
    Answer::typed("application/json", body)
}

/// Ready, or 503 with what is missing.
fn readiness(node: &Node) -> Answer {
    let missing = node.unready();
    if missing.is_empty() {
        return Answer::typed("application/json", r#"{"status": "ready"}"#);
    }
    let list = |texts: &[String]| texts.iter().map(|text| json!(text).to_string()).collect::<Vec<_>>().join(", ");
    let missing: Vec<String> = missing.into_iter().map(str::to_owned).collect();
    let errors = Some(node.readiness.boot_errors()).filter(|errors| !errors.is_empty());
    let errors = errors.map(|errors| format!(r#", "errors": [{}]"#, list(&errors))).unwrap_or_default();
    let body = format!(r#"{{"status": "not ready", "missing": [{}]{errors}}}"#, list(&missing));
    Answer {
        status: StatusCode::SERVICE_UNAVAILABLE,
        failure: Some("not ready".to_owned()),
        ..Answer::typed("application/json", body)
    }
}
