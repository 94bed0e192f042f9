use super::*;
use crate::rest::request::{Arrival, Certificate};
use hyper::{HeaderMap, header::HeaderName, header::HeaderValue};

fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Request {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    let caller = std::net::SocketAddr::from(([127, 0, 0, 1], 1));
    let arrival = Arrival { caller, certificate: Certificate::NotAsked, target: target.parse().unwrap() };
    Request { method: method.parse().unwrap(), arrival, headers: map, body: body.to_owned().into() }
}

fn call(carried: Carried) -> Call {
    match carried {
        Carried::Call(call) => call,
        other => panic!("no call: {other:?}"),
    }
}

fn answer(carried: Carried) -> Answer {
    match carried {
        Carried::Answer(answer) => answer,
        other => panic!("no answer: {other:?}"),
    }
}

const BROWSER: (&str, &str) = ("User-Agent", "Mozilla/5.0");
const CLIENT: (&str, &str) = ("User-Agent", "AnyLog/1.23");

#[test]
fn takes_the_last_command_header() {
    let carried = read(&request("GET", "/", &[CLIENT, ("command", "get a"), ("command", "get b")], ""));
    assert_eq!(call(carried).command, "get b");
}

#[test]
fn reads_the_url_of_a_browser() {
    let carried = read(&request("GET", "/x?User-Agent=AnyLog/1?command=get%20status?into=html", &[BROWSER], ""));
    let call = call(carried);
    assert_eq!((call.command.as_str(), call.into.as_deref(), call.verb), ("get status", Some("html"), Verb::Get));
    let carried = read(&request("GET", "/?command=get%20status", &[BROWSER], ""));
    assert!(answer(carried).body.is_empty(), "without an agent it is a ping");
    let carried = read(&request("GET", "/?User-Agent=AnyLog/1?foo", &[BROWSER], ""));
    assert_eq!(answer(carried).status, StatusCode::BAD_REQUEST);
}

#[test]
fn curl_without_a_command_asks_for_the_status() {
    assert_eq!(call(read(&request("GET", "/", &[("User-Agent", "curl/8")], ""))).command, "get status");
    let carried = read(&request("GET", "/?command=get%20version", &[("User-Agent", "curl/8")], ""));
    assert_eq!(call(carried).command, "get version");
}

#[test]
fn a_json_body_acts_as_get() {
    let body = r#"{"command": "get node name", "destination": "127.0.0.1:1", "into": "html.text", "User-Agent": "x"}"#;
    let call = call(read(&request("POST", "/", &[("User-Agent", "curl/8")], body)));
    assert_eq!(
        (call.verb, call.command.as_str(), call.destination.as_str()),
        (Verb::Get, "get node name", "127.0.0.1:1")
    );
    for body in ["", "[\"get status\"]", "{\"User-Agent\": \"x\"}", "{\"command\": \"get status\", bad}"] {
        let reply = answer(read(&request("POST", "/", &[CLIENT], body)));
        assert_eq!((reply.status, reply.kind), (StatusCode::BAD_REQUEST, Some("text")), "{body}");
        assert_eq!(reply.body, "Missing 'command' attribute in header");
    }
}

#[test]
fn a_command_may_be_the_body() {
    let headers = [CLIENT, ("command", "body")];
    assert_eq!(call(read(&request("POST", "/", &headers, "get node name"))).verb, Verb::Get);
    assert_eq!(call(read(&request("POST", "/", &headers, "blockchain test"))).verb, Verb::Post);
    assert_eq!(answer(read(&request("POST", "/", &headers, " "))).status, StatusCode::BAD_REQUEST);
}

#[test]
fn refuses_commands_of_unknown_agents_on_post() {
    let reply = answer(read(&request("POST", "/", &[BROWSER, ("command", "blockchain test")], "")));
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    assert!(serde_json::from_slice::<Value>(&reply.body).is_ok());
}

#[test]
fn an_empty_or_local_destination_is_here() {
    for destination in ["", "local"] {
        let headers = [CLIENT, ("command", "get status"), ("destination", destination)];
        assert_eq!(call(read(&request("GET", "/", &headers, ""))).destination, "");
    }
}

#[test]
fn other_methods_are_named_in_allow() {
    let reply = answer(read(&request("DELETE", "/", &[CLIENT, ("command", "get status")], "")));
    assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(reply.headers.contains_key("allow"));
}
