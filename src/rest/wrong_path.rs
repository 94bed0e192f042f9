//! Paths that nobody answers: a mistyped probe must not look well.
//!
//! Clients of the network name their commands in header lines and may use any path, and pages and clients without a name ping
//! any path (reference/rest 2). A tool that names itself and sends no command asks for what stands at the path, and whoever
//! asks for a path that looks like a probe does so as well.

use crate::rest::{
    agent::Agent,
    headers::RequestHeaders,
    parse,
    request::{self, RequestHead, path_is, reads},
    rest_reply::RestReply,
};
use futures_util::future::ready;
use hyper::StatusCode;
use serde_json::json;
use std::sync::Arc;
use warp::{Filter, Rejection};

/// How parts of paths begin that people write for probes and monitoring, and the path that is meant.
const PROBES: [(&str, &str); 12] = [
    ("ready", "/readyz"),
    ("readi", "/readyz"),
    ("live", "/livez"),
    ("alive", "/livez"),
    ("startup", "/startupz"),
    ("started", "/startupz"),
    ("health", "/health"),
    ("ping", "/livez"),
    ("probe", "/readyz"),
    ("status", "/status"),
    ("metric", "/metrics"),
    ("prometheus", "/metrics"),
];

/// Takes a GET without a command that no other route takes and that no client of the network sends.
pub fn route() -> impl Filter<Extract = (RestReply,), Error = Rejection> + Clone {
    let wrong = |head: Arc<RequestHead>| ready(if is_wrong(&head) { Ok(head) } else { Err(warp::reject::not_found()) });
    // Nearly every command comes to the root: nothing more is looked at for it.
    path_is(|path| path != "/")
        .and(reads())
        .and(request::head())
        .and_then(wrong)
        .map(|head: Arc<RequestHead>| not_found(head.path()))
}

fn is_wrong(head: &RequestHead) -> bool {
    let asks_for_a_path = meant(head.path()).is_some() || is_tool(&RequestHeaders::read(&head.headers));
    asks_for_a_path && parse::carries_no_command(head)
}

/// Tells whether a caller names itself and is neither a client of the network nor a browser.
fn is_tool(headers: &RequestHeaders<'_>) -> bool {
    let is_page = |agent: &str| agent.starts_with("Mozilla/");
    matches!(headers.agent, Agent::Unknown | Agent::Curl)
        && headers.user_agent.filled().is_some_and(|agent| !is_page(&agent))
}

/// Returns the probe that is meant by a path that looks like one.
fn meant(path: &str) -> Option<&'static str> {
    let path = path.to_ascii_lowercase();
    let is_like = |word: &str| path.split('/').any(|part| part.trim_start_matches(['-', '_']).starts_with(word));
    PROBES.iter().find(|(word, _)| is_like(word)).map(|(_, meant)| *meant)
}

fn not_found(path: &str) -> RestReply {
    let shown: String = path.chars().take(100).collect();
    let hint = meant(path).map_or_else(String::new, |meant| format!("did you mean {meant}? "));
    let failure = "nothing is at this path";
    let body = json!({
        "Error": format!("nothing is at {shown}"),
        "Hint": format!(
            "{hint}machines ask /livez, /readyz, /startupz, /health, /status and /metrics; a command stands in the header \
             line 'command'"
        ),
    });
    RestReply::failed(StatusCode::NOT_FOUND, failure, body.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_looks_like_a_probe_is_one() {
        for (path, probe) in [
            ("/ready", Some("/readyz")),
            ("/readyzz", Some("/readyz")),
            ("/Readiness", Some("/readyz")),
            ("/-/ready", Some("/readyz")),
            ("/api/live", Some("/livez")),
            ("/metrics/", Some("/metrics")),
            ("/statusz", Some("/status")),
            ("/nothing/here", None),
            ("/gui/page", None),
            ("/", None),
        ] {
            assert_eq!(meant(path), probe, "{path}");
        }
    }
}
