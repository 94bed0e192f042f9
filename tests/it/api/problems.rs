//! What is refused, and how it is said.

use super::{Master, Place, problem, read};
use crate::rest::client;

#[tokio::test]
async fn hostile_bodies_are_refused_with_their_place() {
    let master = Master::start(&Place::sqlite()).await;
    for (body, name) in [
        ("{", "bad-body"),
        ("[]", "bad-body"),
        ("7", "bad-body"),
        (r#"{"a": 1}"#, "bad-body"),
        (r#"{"a": {}, "b": {}}"#, "bad-body"),
        (r#"[{"a": {}}, null]"#, "bad-body"),
        (r#"{"": {"a": 1}}"#, "refused"),
        (r#"{"a": {"id": 1.5}}"#, "refused"),
        (r#"{"operator": {"name": "x"}}"#, "refused"),
    ] {
        let (status, found) = problem(&master.post("/v1/policies", body).await);
        assert_eq!((found.as_str(), status), (name, if name == "refused" { 422 } else { 400 }), "{body}");
    }
    let deep = "[".repeat(100_000);
    assert_eq!(problem(&master.post("/v1/policies", &deep).await).1, "bad-body");
    let place = master.post("/v1/policies", "{\n\"a\": {\"b\": x}}").await;
    assert!(place.body.contains("line 2 column"), "{}", place.body);
    for body in [r#"{"query": 7}"#, r#"{"q": "x"}"#, r#"{"query": "x", "more": 1}"#, "[]"] {
        assert_eq!(problem(&master.post("/v1/query", body).await).0, 400, "{body}");
    }
    let hostile = r#"{"note": {"text": "<script>alert(1)</script>\u0000\r\n: x", "id": "../../a?b#c%2F "}}"#;
    let added = master.post("/v1/policies", hostile).await;
    assert_eq!(added.status, 201, "{}", added.body);
    let there = master.send("GET", added.header("location"), &[], "").await;
    assert_eq!((there.status, there.header("x-content-type-options")), (200, "nosniff"), "{}", there.body);
}

#[tokio::test]
async fn every_refusal_is_a_problem_document() {
    let master = Master::start(&Place::sqlite()).await;
    let ask = |method: &'static str,
               target: &'static str,
               headers: &'static [(&'static str, &'static str)],
               body: &'static str| {
        let address = master.listening.bound;
        async move { client::send(address, client::text(method, target, headers, body)).await }
    };
    let json = &[("Content-Type", "application/json")];
    for (reply, expected) in [
        (ask("GET", "/v1", &[], "").await, (404, "not-found")),
        (ask("GET", "/v1/nothing", &[], "").await, (404, "not-found")),
        (ask("GET", "/v1/policies/none", &[], "").await, (404, "not-found")),
        (ask("GET", "/v1/policies/%ff", &[], "").await, (404, "not-found")),
        (ask("GET", "/v1/policies?limit=x", &[], "").await, (400, "bad-parameter")),
        (ask("GET", "/v1/policies?unknown=1", &[], "").await, (400, "bad-parameter")),
        (ask("GET", "/v1/query", &[], "").await, (400, "bad-parameter")),
        (ask("GET", "/v1/health?x", &[], "").await, (400, "bad-parameter")),
        (ask("GET", "/v1/policies", &[("Accept", "text/html")], "").await, (406, "not-acceptable")),
        (ask("GET", "/v1/policies", &[("If-None-Match", "x")], "").await, (400, "bad-parameter")),
        (ask("POST", "/v1/policies", &[("Content-Type", "text/plain")], "x").await, (415, "wrong-type")),
        (ask("POST", "/v1/policies", &[], "{}").await, (415, "wrong-type")),
        (ask("POST", "/v1/policies", json, "").await, (400, "bad-body")),
        (
            ask(
                "GET",
                "/v1/policies",
                &[("Origin", "http://evil.example"), ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "no-cors")],
                "",
            )
            .await,
            (403, "not-allowed"),
        ),
        (ask("GET", "/v1/policies", &[("Host", "node")], "").await, (400, "bad-request")),
    ] {
        let (status, name) = problem(&reply);
        assert_eq!((status, name.as_str()), expected, "{}", reply.body);
    }
    let wrong = ask("PATCH", "/v1/policies", &[], "").await;
    assert_eq!((problem(&wrong).0, wrong.header("allow")), (405, "GET, HEAD, POST, OPTIONS"));
    assert_eq!(ask("TRACE", "/v1/health", &[], "").await.status, 405);
    assert_eq!(ask("OPTIONS", "/v1/policies", &[], "").await.status, 204);
}

#[tokio::test]
async fn what_is_no_request_at_all_is_a_problem_where_its_path_is_known() {
    let master = Master::start(&Place::sqlite()).await;
    let ask = |bytes: String| client::send(master.listening.bound, bytes);
    let lines: String = (0..1000).map(|number| format!("h{number}: 1\r\n")).collect();
    let chunked = "Content-Type: application/json\r\nTransfer-Encoding: chunked";
    for (bytes, expected) in [
        ("GET /v1/policies?x=1 HTTP/9\r\n\r\n".to_owned(), (400, "bad-request")),
        ("GET /v1/policies HTTP/1.1\r\nno line\r\n\r\n".to_owned(), (400, "bad-request")),
        ("POST /v1/query HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n".to_owned(), (400, "bad-request")),
        (format!("POST /v1/query HTTP/1.1\r\nHost: x\r\n{chunked}\r\n\r\nzz\r\n"), (400, "bad-request")),
        (format!("GET /v1/health?{} HTTP/1.1\r\nHost: x\r\n\r\n", "x".repeat(70_000)), (414, "url-too-long")),
        (format!("GET /v1/health HTTP/1.1\r\n{lines}\r\n"), (431, "header-too-large")),
        ("GET /openapi.json HTTP/1.1\r\n: x\r\n\r\n".to_owned(), (400, "bad-request")),
    ] {
        let start: String = bytes.chars().take(60).collect();
        let reply = ask(bytes).await;
        let (status, name) = problem(&reply);
        assert_eq!((status, name.as_str()), expected, "{start}: {}", reply.body);
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{start}");
        assert_eq!(reply.headers.iter().filter(|(name, _)| name == "content-length").count(), 1, "{start}");
        let instance = read(&reply)["instance"].as_str().unwrap().to_owned();
        assert!(instance.starts_with("/v1/") || instance == "/openapi.json", "{instance}");
    }
    for bytes in
        ["nonsense\r\n\r\n", "GET / HTTP/9\r\n\r\n", "GET /v2 HTTP/9\r\n\r\n", "HEAD /v1/health HTTP/9\r\n\r\n"]
    {
        let reply = ask(bytes.to_owned()).await;
        assert_eq!((reply.status, reply.body.as_str()), (400, ""), "{bytes}");
    }
}

#[tokio::test]
async fn the_document_and_its_page_are_for_everybody() {
    let master = Master::start(&Place::sqlite()).await;
    let document = master.get("/openapi.json").await;
    assert_eq!(document["openapi"], "3.1.0");
    let page = master.send("GET", "/v1/docs", &[], "").await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert_eq!(page.headers.iter().filter(|(name, _)| name == "content-security-policy").count(), 1);
    assert!(page.header("content-security-policy").starts_with("default-src 'none'; style-src 'sha256-"));
    assert!(page.body.len() <= 12 * 1024);
}

#[tokio::test]
async fn a_command_in_the_header_is_answered_as_on_every_path() {
    let master = Master::start(&Place::sqlite()).await;
    let headers = [("User-Agent", "AnyLog/1.23"), ("command", "get status")];
    let reply = master.send("GET", "/v1/policies", &headers, "").await;
    assert!(reply.status == 200 && reply.body.contains("running"), "{}", reply.body);
}
