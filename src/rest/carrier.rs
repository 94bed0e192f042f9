//! Where the command text of a request stands: header, URL, JSON body or body (reference/rest 2).

use crate::rest::{
    agent::Agent,
    answer::Answer,
    lines::{Field, Lines},
    method::Verb,
    request::{self, Request},
    url,
};
use hyper::{Method, StatusCode};
use serde_json::Value;
use std::borrow::Cow;

/// One command that a request asks for, with what steers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call<'a> {
    /// True when an AnyLog client asks, not curl, a browser or another tool.
    pub program: bool,
    /// Method that the command is checked for.
    pub verb: Verb,
    /// The command text.
    pub command: Cow<'a, str>,
    /// Commands in the body that run before it.
    pub before: Cow<'a, str>,
    /// Other nodes that run the command; empty for this one.
    pub destination: Cow<'a, str>,
    /// How long to wait for other nodes, as written.
    pub timeout: Option<Cow<'a, str>>,
    /// Answer with the nodes that replied.
    pub subset: bool,
    /// Page that the result is shown on.
    pub into: Option<Cow<'a, str>>,
    /// Variable that receives the result.
    pub assignment: Option<Cow<'a, str>>,
    /// True when what the command prints belongs into the reply, not onto the node's console (`console: reply`).
    pub prints_here: bool,
}

/// What a request turned out to be.
#[derive(Clone, Debug)]
pub enum Carried<'a> {
    /// A command.
    Call(Call<'a>),
    /// The command for the figures, asked for by its path.
    Metrics(Call<'a>),
    /// A request of the Grafana connector.
    Grafana,
    /// Anything that is answered without a command.
    Answer(Answer),
}

/// Where monitoring asks.
const METRICS: &str = "/metrics";

/// Values of a request by lower-case name: those of the URL or JSON body first, then the header.
struct Fields<'a> {
    given: Vec<(String, String)>,
    lines: &'a Lines<'a>,
}

impl<'a> Fields<'a> {
    #[inline]
    fn get(&self, name: &str, line: Field<'a>) -> Option<Cow<'a, str>> {
        if self.given.is_empty() {
            return line.filled();
        }
        match self.given.iter().rev().find(|(key, _)| key == name) {
            Some((_, value)) => Some(value.clone().into()).filter(|value: &Cow<'_, str>| !value.is_empty()),
            None => line.filled(),
        }
    }

    fn agent(&self) -> Agent {
        if self.given.is_empty() {
            return self.lines.agent;
        }
        let own = self.get("anylog-agent", self.lines.anylog_agent);
        let agent = own.or_else(|| self.get("user-agent", self.lines.user_agent));
        agent.map_or(Agent::Unknown, |agent| Agent::of(&agent))
    }

    fn command(&self) -> Option<Cow<'a, str>> {
        self.get("command", self.lines.command)
    }

    fn call(&self, verb: Verb, command: Cow<'a, str>, before: Cow<'a, str>) -> Call<'a> {
        let lines = self.lines;
        let elsewhere = |name: &Cow<'_, str>| !name.eq_ignore_ascii_case("local");
        Call {
            program: self.agent() == Agent::AnyLog,
            verb,
            command,
            before,
            destination: self.get("destination", lines.destination).filter(elsewhere).unwrap_or_default(),
            timeout: self.get("timeout", lines.timeout),
            subset: self.get("subset", lines.subset).is_some_and(|text| text.eq_ignore_ascii_case("true")),
            into: self.get("into", lines.into),
            assignment: lines.assignment.filled(),
            prints_here: lines.console.text().is_some_and(|console| console == "reply"),
        }
    }
}

/// Reads what a request asks for.
#[must_use]
pub fn read<'a>(request: &'a Request<'_>) -> Carried<'a> {
    match *request.method() {
        Method::GET | Method::HEAD => read_get(request),
        Method::POST => read_post(request),
        _ => Carried::Answer(Answer::wrong_method(request.method().as_str())),
    }
}

/// Returns the name that the statistics give the caller: its product, `url` for the URL form, `AnyLog-V1` without either.
#[must_use]
pub fn caller_name(request: &Request<'_>) -> &'static str {
    let has_command = |query: &str| query.to_ascii_lowercase().contains("command");
    match request.lines.agent {
        Agent::Unknown if request.query().is_some_and(has_command) => "url",
        Agent::Unknown => "AnyLog-V1",
        known => known.product(),
    }
}

fn read_get<'a>(request: &'a Request<'_>) -> Carried<'a> {
    let mut fields = Fields { given: Vec::new(), lines: &request.lines };
    let known = fields.agent();
    if known == Agent::Grafana {
        return Carried::Grafana;
    }
    if let Some(query) = request.query() {
        match url::items(query) {
            Ok(items) if known == Agent::Unknown || !request.lines.command.is_given() => fields.given = items,
            Ok(_) => {}
            Err(wrong) if known == Agent::Unknown => return Carried::Answer(wrong_item(&wrong)),
            Err(_) => {}
        }
    }
    match (fields.agent(), fields.command()) {
        (Agent::Unknown, Some(_)) if !request.lines.command.is_given() => Carried::Answer(Answer::ping()),
        (_, Some(command)) => with_body(request, &fields, Verb::Get, command),
        (_, None) if request.path() == METRICS => {
            Carried::Metrics(fields.call(Verb::Get, "get metrics".into(), Cow::default()))
        }
        (Agent::Curl, None) => Carried::Call(fields.call(Verb::Get, "get status".into(), Cow::default())),
        (_, None) => Carried::Answer(Answer::ping()),
    }
}

fn read_post<'a>(request: &'a Request<'_>) -> Carried<'a> {
    let fields = Fields { given: Vec::new(), lines: &request.lines };
    let agent = fields.agent();
    if agent == Agent::Grafana {
        return Carried::Grafana;
    }
    let Some(command) = fields.command() else {
        return read_json_body(request).unwrap_or_else(|| Carried::Answer(missing_command()));
    };
    if agent == Agent::Unknown {
        return Carried::Answer(unknown_agent(request));
    }
    if command == "data" {
        return Carried::Answer(no_ingestion());
    }
    with_body(request, &fields, Verb::Post, command)
}

/// Takes the body as commands that run first, or, for `command: body …`, as the command itself.
fn with_body<'a>(request: &'a Request<'_>, fields: &Fields<'a>, verb: Verb, command: Cow<'a, str>) -> Carried<'a> {
    let body = request::text(&request.body);
    if command.split_ascii_whitespace().next() != Some("body") {
        return Carried::Call(fields.call(verb, command, body));
    }
    let text = match body {
        Cow::Borrowed(body) => Cow::Borrowed(body.trim()),
        Cow::Owned(body) => body.trim().to_owned().into(),
    };
    if text.is_empty() {
        return Carried::Answer(empty_body(request));
    }
    // On POST a command in the body may be one of either method.
    let verb = if verb == Verb::Post && crate::rest::method::allows(Verb::Get, &text) { Verb::Get } else { verb };
    Carried::Call(fields.call(verb, text, Cow::default()))
}

/// Reads `{"command": …}`: its keys act as header lines of a GET.
fn read_json_body<'a>(request: &'a Request<'_>) -> Option<Carried<'a>> {
    let Value::Object(map) = serde_json::from_slice(&request.body).ok()? else { return None };
    let given = map.iter().map(|(key, value)| (key.to_lowercase(), field_text(value))).collect();
    let fields = Fields { given, lines: &request.lines };
    if let (Some(dbms), Some(sql)) = (map.get("dbms"), map.get("sql")) {
        let command = format!("sql {} \"{}\"", field_text(dbms), field_text(sql));
        let call = fields.call(Verb::Get, command.into(), Cow::default());
        return Some(Carried::Call(Call { destination: "network".into(), ..call }));
    }
    map.get("command")?.as_str()?;
    let call = fields.call(Verb::Get, fields.command()?, Cow::default());
    // A URL cannot name a variable: a link must not change a node.
    Some(Carried::Call(Call { assignment: fields.get("assignment", request.lines.assignment), ..call }))
}

fn field_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), |text| text.trim().to_owned())
}

fn wrong_item(wrong: &url::WrongItem) -> Answer {
    let body = wrong.to_string();
    Answer { kind: Some("text"), ..Answer::failed(StatusCode::BAD_REQUEST, "Error in REST headers", body) }
}

fn missing_command() -> Answer {
    let text = "Missing 'command' attribute in header";
    Answer { kind: Some("text"), ..Answer::failed(StatusCode::BAD_REQUEST, text, text.to_owned()) }
}

fn unknown_agent(request: &Request<'_>) -> Answer {
    let text = "HTTP server received POST message from unknown 'User-Agent'";
    let source = request.arrival.caller.ip();
    let hint = "send 'User-Agent: AnyLog/1.23' or 'AnyLog-Agent: AnyLog/1.23'";
    let body = format!(r#"{{"Error" : "{text}: 'None'", "Source" : "{source}", "Hint" : "{hint}"}}"#);
    Answer::failed(StatusCode::BAD_REQUEST, text, body)
}

fn no_ingestion() -> Answer {
    let text = "HTTP server received POST message to add data. Missing USER ID (associated to the message broker)";
    Answer::failed(StatusCode::BAD_REQUEST, text, format!(r#"{{"Error" : "{text}" }}"#))
}

fn empty_body(request: &Request<'_>) -> Answer {
    let source = request.arrival.caller.ip();
    let body = format!(r#"{{"Error" : "HTTP POST error: the body holds no command", "source" : "{source}" }}"#);
    Answer::failed(StatusCode::BAD_REQUEST, "REST call error", body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rest::{
        pace::Working,
        request::{Arrival, Certificate, RequestNumber},
    };
    use hyper::{HeaderMap, header::HeaderName, header::HeaderValue};

    fn sent(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Carried<'static> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        let caller = std::net::SocketAddr::from(([127, 0, 0, 1], 1));
        let (method, target) = (method.parse().unwrap(), target.parse().unwrap());
        let certificate = Certificate::NotAsked;
        let (number, working) = (RequestNumber::default(), Working::default());
        let arrival = Arrival { caller, number, certificate, method, target, headers: map, working };
        let arrival = Box::leak(Box::new(arrival));
        let request = Request::new(arrival, Lines::of(&arrival.headers), body.to_owned().into());
        read(Box::leak(Box::new(request)))
    }

    fn call(carried: Carried<'_>) -> Call<'_> {
        match carried {
            Carried::Call(call) => call,
            other => panic!("no call: {other:?}"),
        }
    }

    fn answer(carried: Carried<'_>) -> Answer {
        match carried {
            Carried::Answer(answer) => answer,
            other => panic!("no answer: {other:?}"),
        }
    }

    const BROWSER: (&str, &str) = ("User-Agent", "Mozilla/5.0");
    const CLIENT: (&str, &str) = ("User-Agent", "AnyLog/1.23");

    #[test]
    fn takes_the_last_command_header() {
        let carried = sent("GET", "/", &[CLIENT, ("command", "get a"), ("command", "get b")], "");
        assert_eq!(call(carried).command, "get b");
    }

    #[test]
    fn reads_the_url_of_a_browser() {
        let carried = sent("GET", "/x?User-Agent=AnyLog/1?command=get%20status?into=html", &[BROWSER], "");
        let call = call(carried);
        assert_eq!((&*call.command, call.into.as_deref(), call.verb), ("get status", Some("html"), Verb::Get));
        let carried = sent("GET", "/?command=get%20status", &[BROWSER], "");
        assert!(answer(carried).body.is_empty(), "without an agent it is a ping");
        let carried = sent("GET", "/?User-Agent=AnyLog/1?foo", &[BROWSER], "");
        assert_eq!(answer(carried).status, StatusCode::BAD_REQUEST);
    }

    #[test]
    fn curl_without_a_command_asks_for_the_status() {
        assert_eq!(call(sent("GET", "/", &[("User-Agent", "curl/8")], "")).command, "get status");
        let carried = sent("GET", "/?command=get%20version", &[("User-Agent", "curl/8")], "");
        assert_eq!(call(carried).command, "get version");
    }

    #[test]
    fn monitoring_asks_by_the_path_alone() {
        for agent in ["Prometheus/3.4.0", "curl/8"] {
            let carried = sent("GET", "/metrics", &[("User-Agent", agent)], "");
            assert!(matches!(carried, Carried::Metrics(call) if call.command == "get metrics"), "{agent}");
        }
        let carried = sent("GET", "/metrics", &[CLIENT, ("command", "get status")], "");
        assert_eq!(call(carried).command, "get status");
    }

    #[test]
    fn a_json_body_acts_as_get() {
        let body =
            r#"{"command": "get node name", "destination": "127.0.0.1:1", "into": "html.text", "User-Agent": "x"}"#;
        let call = call(sent("POST", "/", &[("User-Agent", "curl/8")], body));
        assert_eq!((call.verb, &*call.command, &*call.destination), (Verb::Get, "get node name", "127.0.0.1:1"));
        for body in ["", "[\"get status\"]", "{\"User-Agent\": \"x\"}", "{\"command\": \"get status\", bad}"] {
            let reply = answer(sent("POST", "/", &[CLIENT], body));
            assert_eq!((reply.status, reply.kind), (StatusCode::BAD_REQUEST, Some("text")), "{body}");
            assert_eq!(reply.body, "Missing 'command' attribute in header");
        }
    }

    #[test]
    fn a_command_may_be_the_body() {
        let headers = [CLIENT, ("command", "body")];
        assert_eq!(call(sent("POST", "/", &headers, "get node name")).verb, Verb::Get);
        assert_eq!(call(sent("POST", "/", &headers, "blockchain test")).verb, Verb::Post);
        assert_eq!(answer(sent("POST", "/", &headers, " ")).status, StatusCode::BAD_REQUEST);
    }

    #[test]
    fn refuses_commands_of_unknown_agents_on_post() {
        let reply = answer(sent("POST", "/", &[BROWSER, ("command", "blockchain test")], ""));
        assert_eq!(reply.status, StatusCode::BAD_REQUEST);
        assert!(serde_json::from_slice::<Value>(&reply.body).is_ok());
    }

    #[test]
    fn an_empty_or_local_destination_is_here() {
        for destination in ["", "local"] {
            let headers = [CLIENT, ("command", "get status"), ("destination", destination)];
            assert_eq!(call(sent("GET", "/", &headers, "")).destination, "");
        }
    }

    #[test]
    fn other_methods_are_named_in_allow() {
        let reply = answer(sent("DELETE", "/", &[CLIENT, ("command", "get status")], ""));
        assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED);
        assert!(reply.headers.iter().any(|(name, _)| name == "allow"));
    }
}
