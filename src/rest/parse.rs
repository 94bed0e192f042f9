//! Where the command text of a request stands: header, URL, JSON body or body (reference/rest 2).

use crate::rest::{
    agent::Agent,
    headers::{HeaderField, RequestHeaders},
    json_fields::{self, JsonField},
    request::{self, Request, RequestHead},
    rest_reply::RestReply,
    url_items::{self, WrongItem},
    verb::Verb,
};
use hyper::{Method, StatusCode};
use std::borrow::Cow;

/// One command that a request asks for, with what steers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandRequest<'a> {
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
    /// RestReply with the nodes that replied.
    pub subset: bool,
    /// Page that the result is shown on.
    pub into: Option<Cow<'a, str>>,
    /// Variable that receives the result.
    pub assignment: Option<Cow<'a, str>>,
    /// True when what the command prints belongs into the reply, not onto the node's console (`console: reply`).
    pub prints_here: bool,
    /// Characters of a line where a person reads the reply: tables fit to it (`columns: 80`).
    pub columns: Option<usize>,
    /// Result of the `if` of an earlier request, for a `do` or `else` (`condition: true`).
    pub flag: bool,
}

/// What a request turned out to be.
#[derive(Clone, Debug)]
pub enum ParsedRequest<'a> {
    /// A command.
    Command(CommandRequest<'a>),
    /// Anything that is answered without a command.
    Reply(RestReply),
}

/// Values of a request by lower-case name: those of the URL or JSON body first, then the header.
struct RequestFields<'a> {
    given: Vec<(String, String)>,
    headers: &'a RequestHeaders<'a>,
}

impl<'a> RequestFields<'a> {
    /// Takes the values of the header alone.
    const fn from_header(headers: &'a RequestHeaders<'a>) -> Self {
        Self { given: Vec::new(), headers }
    }

    /// Takes the values of a GET: those of the URL count unless the header names a known agent and a command.
    ///
    /// # Errors
    /// The first item of the URL that is none, when the header names no agent.
    fn from_get(head: &RequestHead, headers: &'a RequestHeaders<'a>) -> Result<Self, WrongItem> {
        let is_unknown = headers.agent == Agent::Unknown;
        let given = match url_items::items(head.query()) {
            Ok(items) if is_unknown || !headers.command.is_given() => items,
            Err(wrong) if is_unknown => return Err(wrong),
            Ok(_) | Err(_) => Vec::new(),
        };
        Ok(Self { given, headers })
    }

    /// Takes the values of a JSON body.
    fn from_json(given: Vec<(String, JsonField)>, headers: &'a RequestHeaders<'a>) -> Self {
        Self { given: given.into_iter().map(|(name, value)| (name, value.into_text())).collect(), headers }
    }

    fn get(&self, name: &str, line: HeaderField<'a>) -> Option<Cow<'a, str>> {
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
            return self.headers.agent;
        }
        let own = self.get("anylog-agent", self.headers.anylog_agent);
        let agent = own.or_else(|| self.get("user-agent", self.headers.user_agent));
        agent.map_or(Agent::Unknown, |agent| Agent::parse(&agent))
    }

    fn command(&self) -> Option<Cow<'a, str>> {
        self.get("command", self.headers.command)
    }

    fn request(&self, verb: Verb, command: Cow<'a, str>, before: Cow<'a, str>) -> CommandRequest<'a> {
        let headers = self.headers;
        let elsewhere = |name: &Cow<'_, str>| !name.eq_ignore_ascii_case("local");
        CommandRequest {
            program: self.agent() == Agent::AnyLog,
            verb,
            command,
            before,
            destination: self.get("destination", headers.destination).filter(elsewhere).unwrap_or_default(),
            timeout: self.get("timeout", headers.timeout),
            subset: self.get("subset", headers.subset).is_some_and(|text| text.eq_ignore_ascii_case("true")),
            into: self.get("into", headers.into),
            assignment: headers.assignment.filled(),
            prints_here: headers.console.text().is_some_and(|console| console == "reply"),
            columns: headers.columns.text().and_then(|columns| columns.parse().ok()),
            flag: headers.condition.text().is_some_and(|condition| condition == "true"),
        }
    }
}

/// Reads what a request asks for.
#[must_use]
pub fn read<'a>(request: &'a Request<'_>) -> ParsedRequest<'a> {
    match request.head.method {
        Method::GET | Method::HEAD => read_get(request),
        Method::POST => read_post(request),
        _ => ParsedRequest::Reply(RestReply::wrong_method(request.head.method.as_str())),
    }
}

/// Tells whether a request names no command, neither in its header nor in its URL.
#[must_use]
pub fn carries_no_command(head: &RequestHead) -> bool {
    let headers = RequestHeaders::read(&head.headers);
    RequestFields::from_get(head, &headers).is_ok_and(|fields| fields.command().is_none())
}

/// Returns the command for the figures, in the older or the newer format, with what steers it.
#[must_use]
pub fn metrics<'a>(request: &'a Request<'_>, is_newer: bool) -> CommandRequest<'a> {
    let fields = RequestFields::from_get(request.head, &request.headers)
        .unwrap_or_else(|_| RequestFields::from_header(&request.headers));
    let command = if is_newer { "get metrics where format = openmetrics" } else { "get metrics" };
    fields.request(Verb::Get, command.into(), Cow::default())
}

fn read_get<'a>(request: &'a Request<'_>) -> ParsedRequest<'a> {
    let fields = match RequestFields::from_get(request.head, &request.headers) {
        Ok(fields) => fields,
        Err(wrong) => return ParsedRequest::Reply(wrong_item(&wrong)),
    };
    match (fields.agent(), fields.command()) {
        (Agent::Unknown, Some(_)) if !request.headers.command.is_given() => ParsedRequest::Reply(RestReply::ping()),
        (_, Some(command)) => with_body(request, &fields, Verb::Get, command),
        (Agent::Curl, None) => ParsedRequest::Command(fields.request(Verb::Get, "get status".into(), Cow::default())),
        (_, None) => ParsedRequest::Reply(RestReply::ping()),
    }
}

fn read_post<'a>(request: &'a Request<'_>) -> ParsedRequest<'a> {
    let fields = RequestFields::from_header(&request.headers);
    let agent = fields.agent();
    let Some(command) = fields.command() else {
        return read_json_body(request).unwrap_or_else(|| ParsedRequest::Reply(missing_command()));
    };
    if agent == Agent::Unknown {
        return ParsedRequest::Reply(unknown_agent(request));
    }
    if command == "data" {
        return ParsedRequest::Reply(no_ingestion());
    }
    with_body(request, &fields, Verb::Post, command)
}

/// Takes the body as commands that run first, or, for `command: body …`, as the command itself.
fn with_body<'a>(
    request: &'a Request<'_>,
    fields: &RequestFields<'a>,
    verb: Verb,
    command: Cow<'a, str>,
) -> ParsedRequest<'a> {
    let body = request::text(&request.body);
    if command.split_ascii_whitespace().next() != Some("body") {
        return ParsedRequest::Command(fields.request(verb, command, body));
    }
    let text = match body {
        Cow::Borrowed(body) => Cow::Borrowed(body.trim()),
        Cow::Owned(body) => body.trim().to_owned().into(),
    };
    if text.is_empty() {
        return ParsedRequest::Reply(empty_body(request));
    }
    let verb = if verb == Verb::Post { Verb::Either } else { verb };
    ParsedRequest::Command(fields.request(verb, text, Cow::default()))
}

/// Reads `{"command": …}`: its keys act as header lines of a GET.
fn read_json_body<'a>(request: &'a Request<'_>) -> Option<ParsedRequest<'a>> {
    let given = json_fields::read(&request.body)?;
    let value = |name: &str| given.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.text().to_owned());
    if let (Some(dbms), Some(sql)) = (value("dbms"), value("sql")) {
        let command = format!("sql {dbms} \"{sql}\"");
        let fields = RequestFields::from_json(given, &request.headers);
        let call = fields.request(Verb::Get, command.into(), Cow::default());
        return Some(ParsedRequest::Command(CommandRequest { destination: "network".into(), ..call }));
    }
    if !given.iter().rev().find(|(key, _)| key == "command")?.1.is_text() {
        return None;
    }
    let fields = RequestFields::from_json(given, &request.headers);
    let call = fields.request(Verb::Get, fields.command()?, Cow::default());
    // A URL cannot name a variable: a link must not change a node.
    Some(ParsedRequest::Command(CommandRequest {
        assignment: fields.get("assignment", request.headers.assignment),
        ..call
    }))
}

fn wrong_item(wrong: &WrongItem) -> RestReply {
    let body = wrong.to_string();
    RestReply { kind: Some("text"), ..RestReply::failed(StatusCode::BAD_REQUEST, "Error in REST headers", body) }
}

fn missing_command() -> RestReply {
    let text = "Missing 'command' attribute in header";
    RestReply { kind: Some("text"), ..RestReply::failed(StatusCode::BAD_REQUEST, text, text.to_owned()) }
}

fn unknown_agent(request: &Request<'_>) -> RestReply {
    let text = "HTTP server received POST message from unknown 'User-Agent'";
    let source = request.head.client.address.ip();
    let hint = "send 'User-Agent: AnyLog/1.23' or 'AnyLog-Agent: AnyLog/1.23'";
    let body = format!(r#"{{"Error" : "{text}: 'None'", "Source" : "{source}", "Hint" : "{hint}"}}"#);
    RestReply::failed(StatusCode::BAD_REQUEST, text, body)
}

fn no_ingestion() -> RestReply {
    let text = "HTTP server received POST message to add data. Missing USER ID (associated to the message broker)";
    RestReply::failed(StatusCode::BAD_REQUEST, text, format!(r#"{{"Error" : "{text}" }}"#))
}

fn empty_body(request: &Request<'_>) -> RestReply {
    let source = request.head.client.address.ip();
    let body = format!(r#"{{"Error" : "HTTP POST error: the body holds no command", "source" : "{source}" }}"#);
    RestReply::failed(StatusCode::BAD_REQUEST, "REST call error", body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rest::{
        activity::Activity,
        page::Page,
        request::{Certificate, ClientInfo},
    };
    use hyper::{HeaderMap, header::HeaderName, header::HeaderValue};
    use serde_json::Value;

    fn head(method: &str, target: &str, headers: &[(&str, &str)]) -> RequestHead {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        let target: hyper::Uri = target.parse().unwrap();
        let client = ClientInfo {
            address: std::net::SocketAddr::from(([127, 0, 0, 1], 1)),
            connection: 0,
            certificate: Certificate::NotAsked,
            agent: RequestHeaders::read(&map).agent,
            page: Page::None,
            activity: Activity::default(),
        };
        RequestHead { client, method: method.parse().unwrap(), target, headers: map }
    }

    fn sent(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> ParsedRequest<'static> {
        let head = Box::leak(Box::new(head(method, target, headers)));
        let request = Request { head, headers: RequestHeaders::read(&head.headers), body: body.to_owned().into() };
        read(Box::leak(Box::new(request)))
    }

    fn command(parsed: ParsedRequest<'_>) -> CommandRequest<'_> {
        match parsed {
            ParsedRequest::Command(command) => command,
            other => panic!("no command: {other:?}"),
        }
    }

    fn reply(parsed: ParsedRequest<'_>) -> RestReply {
        match parsed {
            ParsedRequest::Reply(reply) => reply,
            other => panic!("no reply: {other:?}"),
        }
    }

    const BROWSER: (&str, &str) = ("User-Agent", "Mozilla/5.0");
    const CLIENT: (&str, &str) = ("User-Agent", "AnyLog/1.23");

    #[test]
    fn takes_the_last_command_header() {
        let parsed = sent("GET", "/", &[CLIENT, ("command", "get a"), ("command", "get b")], "");
        assert_eq!(command(parsed).command, "get b");
    }

    #[test]
    fn reads_the_url_of_a_browser() {
        let parsed = sent("GET", "/x?User-Agent=AnyLog/1?command=get%20status?into=html", &[BROWSER], "");
        let asked = command(parsed);
        assert_eq!((&*asked.command, asked.into.as_deref(), asked.verb), ("get status", Some("html"), Verb::Get));
        let parsed = sent("GET", "/?command=get%20status", &[BROWSER], "");
        assert!(reply(parsed).body.is_empty(), "without an agent it is a ping");
        let parsed = sent("GET", "/?User-Agent=AnyLog/1?foo", &[BROWSER], "");
        assert_eq!(reply(parsed).status, StatusCode::BAD_REQUEST);
    }

    #[test]
    fn curl_without_a_command_asks_for_the_status() {
        assert_eq!(command(sent("GET", "/", &[("User-Agent", "curl/8")], "")).command, "get status");
        let parsed = sent("GET", "/?command=get%20version", &[("User-Agent", "curl/8")], "");
        assert_eq!(command(parsed).command, "get version");
    }

    #[test]
    fn a_command_stands_in_the_header_or_in_the_url() {
        let carries_none = |target, headers: &[_]| carries_no_command(&head("GET", target, headers));
        assert!(carries_none("/metrics", &[("User-Agent", "Prometheus/3.4.0")]));
        assert!(carries_none("/metrics?job=a", &[("User-Agent", "curl/8")]));
        assert!(!carries_none("/metrics", &[CLIENT, ("command", "get status")]));
        assert!(!carries_none("/metrics?command=get%20status", &[CLIENT]));
    }

    #[test]
    fn a_json_body_acts_as_get() {
        let body =
            r#"{"command": "get node name", "destination": "127.0.0.1:1", "into": "html.text", "User-Agent": "x"}"#;
        let asked = command(sent("POST", "/", &[("User-Agent", "curl/8")], body));
        assert_eq!((asked.verb, &*asked.command, &*asked.destination), (Verb::Get, "get node name", "127.0.0.1:1"));
        for body in ["", "[\"get status\"]", "{\"User-Agent\": \"x\"}", "{\"command\": \"get status\", bad}"] {
            let refusal = reply(sent("POST", "/", &[CLIENT], body));
            assert_eq!((refusal.status, refusal.kind), (StatusCode::BAD_REQUEST, Some("text")), "{body}");
            assert_eq!(refusal.body, "Missing 'command' attribute in header");
        }
    }

    #[test]
    fn a_command_may_be_the_body() {
        let headers = [CLIENT, ("command", "body")];
        assert_eq!(command(sent("POST", "/", &headers, " get node name")).command, "get node name");
        assert_eq!(reply(sent("POST", "/", &headers, " ")).status, StatusCode::BAD_REQUEST);
    }

    #[test]
    fn refuses_commands_of_unknown_agents_on_post() {
        let refusal = reply(sent("POST", "/", &[BROWSER, ("command", "blockchain test")], ""));
        assert_eq!(refusal.status, StatusCode::BAD_REQUEST);
        assert!(serde_json::from_slice::<Value>(&refusal.body).is_ok());
    }

    #[test]
    fn an_empty_or_local_destination_is_here() {
        for destination in ["", "local"] {
            let headers = [CLIENT, ("command", "get status"), ("destination", destination)];
            assert_eq!(command(sent("GET", "/", &headers, "")).destination, "");
        }
    }

    #[test]
    fn other_methods_are_named_in_allow() {
        let refusal = reply(sent("DELETE", "/", &[CLIENT, ("command", "get status")], ""));
        assert_eq!(refusal.status, StatusCode::METHOD_NOT_ALLOWED);
        assert!(refusal.headers.iter().any(|(name, _)| name == "allow"));
    }
}
