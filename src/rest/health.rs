//! What machines ask: `/livez`, `/readyz`, `/startupz`, `/health`, `/status`, `/api/status` (reference/rest 2).

use crate::{
    node::{
        Node,
        health::{Check, CheckName, CheckStatus, Overall, Report},
        name_and,
    },
    rest::{
        headers::RequestHeaders,
        probe_query::ProbeQuery,
        request::{self, RequestHead, keep_if, reads},
        rest_reply::RestReply,
        state::{AppState, with_state},
    },
    runtime::clock,
};
use futures_util::future::ready;
use hyper::{Method, StatusCode};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use warp::{Filter, Rejection, path::FullPath};

/// Takes a GET of a health path that carries no command, whatever its agent is.
pub fn route(state: Arc<AppState>) -> impl Filter<Extract = (RestReply,), Error = Rejection> + Clone {
    let asked = |path: FullPath| ready(Probe::at(path.as_str()).ok_or_else(warp::reject::not_found));
    warp::path::full()
        .and_then(asked)
        .and(reads())
        .and(without_command())
        .and(request::head())
        .and(with_state(state))
        .map(|probe: Probe, head: Arc<RequestHead>, state: Arc<AppState>| probe.answer(&head, &state))
}

/// Tells whether a request asks how the node is, which is answered when nothing else is.
#[must_use]
pub fn is_probe(method: &Method, path: &str) -> bool {
    matches!(*method, Method::GET | Method::HEAD) && Probe::at(path).is_some()
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Probe {
    /// Whether the program works, or has to be started again: `/livez`.
    Alive,
    /// Whether the node may be given work: `/readyz`.
    Ready,
    /// Whether the boot has finished: `/startupz`.
    Started,
    /// `/health…`: as other nodes answer it, with the checks.
    Health,
    /// `/status` and `/get/status`, which people write into balancers: the status of the node while it is ready.
    Named,
    /// `/api/status…`, as other nodes answer it.
    Status,
}

impl Probe {
    fn at(path: &str) -> Option<Self> {
        match path {
            "/livez" => Some(Self::Alive),
            "/readyz" => Some(Self::Ready),
            "/startupz" => Some(Self::Started),
            "/status" | "/get/status" => Some(Self::Named),
            path if path.starts_with("/health") => Some(Self::Health),
            path if path.starts_with("/api/status") => Some(Self::Status),
            _ => None,
        }
    }

    fn answer(self, head: &RequestHead, state: &AppState) -> RestReply {
        let headers = RequestHeaders::read(&head.headers);
        let query = ProbeQuery::read(head.query());
        // What a check found may name addresses and users of the database.
        let is_open = state.authorizer.authorize(head, &headers).is_ok();
        let report = || {
            let report = state.node.health_report().without(&query.excluded());
            if is_open { report } else { report.withheld() }
        };
        match self {
            Self::Alive => verdict("livez", "alive", &report().only(CheckName::Writer), &query),
            Self::Started => verdict("startupz", "started", &report().only(CheckName::Boot), &query),
            Self::Ready if query.is_verbose => verdict("readyz", "ready", &report(), &query),
            Self::Ready => readiness(&state.node, &report()),
            Self::Health => health(&report(), query.is_verbose || !knows_the_short_form(&headers)),
            Self::Named => named(&state.node, &report(), is_open),
            Self::Status => RestReply::typed("application/json", r#"{"status": "ok"}"#),
        }
    }
}

/// Takes requests without a command in their header.
fn without_command() -> impl Filter<Extract = (), Error = Rejection> + Clone {
    request::head()
        .and_then(|head: Arc<RequestHead>| keep_if(RequestHeaders::read(&head.headers).command.filled().is_none()))
        .untuple_one()
}

/// Tells whether a caller is one that the network's `/health` is made for and compared by: a page, or a client without a name.
fn knows_the_short_form(headers: &RequestHeaders<'_>) -> bool {
    headers.anylog_agent.filled().is_none()
        && headers.user_agent.filled().is_none_or(|agent| agent.starts_with("Mozilla/"))
}

/// Yes or no, as other services of a cluster answer it: one word, or with `?verbose` a line for each check.
fn verdict(probe: &str, word: &str, report: &Report, query: &ProbeQuery) -> RestReply {
    let status = status(report);
    let body = if query.is_verbose {
        lines(probe, report, query)
    } else if report.is_ready() {
        format!(r#"{{"status": "{word}"}}"#)
    } else {
        let missing: Vec<&str> = report.missing().map(|check| check.detail.as_str()).collect();
        format!(r#"{{"status": "not {word}", "missing": {}}}"#, list(&missing))
    };
    let kind = if query.is_verbose { "text/plain; charset=utf-8" } else { "application/json" };
    RestReply { status, failure: failure(report, word), ..RestReply::typed(kind, body) }
}

fn lines(probe: &str, report: &Report, query: &ProbeQuery) -> String {
    let mut text = String::new();
    for check in &report.checks {
        let (name, detail) = (check.name.as_str(), &check.detail);
        text += &match check.status {
            CheckStatus::Pass => format!("[+]{name} ok: {detail}\n"),
            CheckStatus::Degraded => format!("[~]{name} degraded since {:.0}: {detail}\n", check.since),
            CheckStatus::Starting => format!("[-]{name} not yet: {detail}\n"),
            CheckStatus::Fail => format!("[-]{name} failed since {:.0}: {detail}\n", check.since),
        };
    }
    for name in query.excluded() {
        let is_known = CheckName::ALL.iter().any(|known| known.as_str() == name);
        text += &if is_known {
            format!("[ ]{name} excluded\n")
        } else {
            "an excluded check is not known here\n".to_owned()
        };
    }
    text + &format!("{probe} check {}\n", if report.is_ready() { "passed" } else { "failed" })
}

/// Ready, or 503 with what is missing; beside it what an operator has to look at.
fn readiness(node: &Node, report: &Report) -> RestReply {
    let details =
        |checks: &mut dyn Iterator<Item = &Check>| checks.map(|check| check.detail.clone()).collect::<Vec<_>>();
    let (missing, concerns) = (details(&mut report.missing()), details(&mut report.degraded()));
    let degraded: Vec<&str> = report.degraded().map(|check| check.name.as_str()).collect();
    let mut parts = vec![format!(r#""status": "{}""#, if missing.is_empty() { "ready" } else { "not ready" })];
    if !missing.is_empty() {
        parts.push(format!(r#""missing": {}"#, list(&missing)));
        let errors = node.readiness.boot_errors();
        parts.extend((!errors.is_empty()).then(|| format!(r#""errors": {}"#, list(&errors))));
    }
    if !concerns.is_empty() {
        parts.push(format!(r#""degraded": {}, "concerns": {}"#, list(&degraded), list(&concerns)));
    }
    let body = format!("{{{}}}", parts.join(", "));
    RestReply {
        status: status(report),
        failure: failure(report, "ready"),
        ..RestReply::typed("application/json", body)
    }
}

/// The answer of the network's nodes, whose word is the truth; with the checks where they are asked for or one does not pass.
fn health(report: &Report, with_checks: bool) -> RestReply {
    let overall = report.overall();
    let micros = clock::now().as_microsecond();
    let (whole, part) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    let word = overall.as_str();
    let mut body = format!(r#"{{"status": "{word}", "service": "anylog-rest-server", "timestamp": {whole}.{part:06}"#);
    if with_checks || overall != Overall::Healthy {
        let checks: Vec<Value> = report.checks.iter().map(check_json).collect();
        body += &format!(r#", "checks": {}"#, Value::Array(checks));
    }
    body.push('}');
    RestReply {
        status: status(report),
        failure: failure(report, "healthy"),
        ..RestReply::typed("application/json", body)
    }
}

fn check_json(check: &Check) -> Value {
    let mut map = Map::new();
    map.insert("name".to_owned(), check.name.as_str().into());
    map.insert("status".to_owned(), check.status.as_str().into());
    map.insert("since".to_owned(), check.since.to_string().into());
    map.insert("detail".to_owned(), check.detail.clone().into());
    Value::Object(map)
}

/// The status text that balancers look for, only while the node may be given work.
fn named(node: &Node, report: &Report, is_open: bool) -> RestReply {
    let body = if !report.is_ready() {
        "not ready: see /readyz".to_owned()
    } else if is_open {
        name_and(node, " running")
    } else {
        "running".to_owned()
    };
    RestReply { status: status(report), failure: failure(report, "ready"), ..RestReply::typed("text", body) }
}

fn status(report: &Report) -> StatusCode {
    if report.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}

fn failure(report: &Report, word: &str) -> Option<String> {
    (!report.is_ready()).then(|| format!("not {word}"))
}

/// Writes a list of texts as the network's nodes do, with a blank behind each comma.
fn list<T: AsRef<str>>(texts: &[T]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| json!(text.as_ref()).to_string()).collect();
    format!("[{}]", texts.join(", "))
}
