//! Framing, methods, CORS and health.

use super::{
    client::{receive, request, send, text},
    node::TestNode,
};
use anylog_master::rest::RestSettings;
use tokio::{io::AsyncWriteExt, net::TcpStream};

const CLIENT: (&str, &str) = ("User-Agent", "AnyLog/1.23");
const BROWSER: (&str, &str) = ("User-Agent", "Mozilla/5.0");

#[tokio::test]
async fn every_reply_may_be_read_by_other_origins() {
    let node = TestNode::start(RestSettings::default()).await;
    for (method, target) in [("GET", "/"), ("GET", "/health"), ("POST", "/"), ("DELETE", "/")] {
        let reply = request(node.address(), method, target, &[CLIENT]).await;
        assert_eq!(reply.header("access-control-allow-origin"), "*", "{method} {target}");
        assert_eq!(reply.header("vary"), "Origin");
        assert_eq!(reply.header("access-control-expose-headers"), "*");
    }
}

#[tokio::test]
async fn a_preflight_gets_the_asked_names_back() {
    let node = TestNode::start(RestSettings::default()).await;
    let bare = request(node.address(), "OPTIONS", "/", &[]).await;
    assert_eq!(bare.status, 204);
    assert_eq!(bare.header("access-control-allow-methods"), "GET, POST, PUT, DELETE, HEAD, OPTIONS");
    assert_eq!(bare.header("access-control-max-age"), "86400");
    assert!(
        bare.header("access-control-allow-headers")
            .starts_with("Content-Type, Authorization, Accept, User-Agent, command,")
    );
    let asked = [("Origin", "http://gui.example"), ("Access-Control-Request-Headers", "command,anylog-agent")];
    let reply = request(node.address(), "OPTIONS", "/any", &asked).await;
    assert_eq!(reply.header("access-control-allow-headers"), "command,anylog-agent");
}

#[tokio::test]
async fn health_answers_every_agent() {
    let node = TestNode::start(RestSettings::default()).await;
    for headers in [&[][..], &[CLIENT], &[BROWSER], &[("User-Agent", "curl/8")]] {
        let reply = request(node.address(), "GET", "/health", headers).await;
        assert_eq!((reply.status, reply.header("content-type")), (503, "application/json"));
        assert!(reply.body.starts_with(r#"{"status": "starting", "service": "anylog-rest-server", "timestamp": "#));
    }
    assert_eq!(request(node.address(), "GET", "/api/status", &[]).await.body, r#"{"status": "ok"}"#);
    assert_eq!(request(node.address(), "GET", "/livez", &[]).await.status, 200);
    let unready = request(node.address(), "GET", "/readyz", &[]).await;
    assert_eq!(unready.status, 503);
    assert!(unready.body.contains("the ledger is not loaded"), "{}", unready.body);
}

#[tokio::test]
async fn monitoring_reads_the_figures() {
    let node = TestNode::start(RestSettings::default()).await;
    request(node.address(), "GET", "/", &[CLIENT, ("command", "get nonsense")]).await;
    let reply = request(node.address(), "GET", "/metrics", &[("User-Agent", "Prometheus/3.4.0")]).await;
    let classic = "text/plain; version=0.0.4; charset=utf-8";
    assert_eq!((reply.status, reply.header("content-type")), (200, classic));
    for line in [
        "anylog_master_ready 0",
        "anylog_master_ledger_attached 0",
        "anylog_master_database_up 0",
        "# TYPE anylog_master_rest_calls_total counter",
        r#"anylog_master_rest_calls_total{caller="anylog",method="GET"} 1"#,
        r#"anylog_master_rest_errors_total{caller="anylog",method="GET"} 1"#,
        r#"anylog_master_command_seconds_count{command="get",door="rest",status="unknown"} 1"#,
        r#"anylog_master_rest_request_seconds_count{route="command",method="GET",status="400"} 1"#,
    ] {
        assert!(reply.body.lines().any(|found| found == line), "{line} in {}", reply.body);
    }
    // What Prometheus asks for, in its own words.
    let accepted = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1";
    let asked = [("User-Agent", "Prometheus/3.4.0"), ("Accept", accepted)];
    let reply = request(node.address(), "GET", "/metrics", &asked).await;
    let newer = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!((reply.status, reply.header("content-type")), (200, newer));
    assert!(reply.body.ends_with("# EOF\n") && reply.body.contains("# TYPE anylog_master_rest_calls counter"));
    for (accept, kind) in [
        ("text/plain", classic),
        ("*/*", classic),
        ("application/openmetrics-text;q=0, text/plain", classic),
        ("application/openmetrics-text", newer),
    ] {
        let reply = request(node.address(), "GET", "/metrics", &[("Accept", accept)]).await;
        assert_eq!(reply.header("content-type"), kind, "{accept}");
    }
}

#[tokio::test]
async fn anything_without_a_command_is_a_ping() {
    let node = TestNode::start(RestSettings::default()).await;
    for (target, agent) in [("/", CLIENT), ("/nothing/here", BROWSER), ("/?command=get%20status", BROWSER)] {
        let reply = request(node.address(), "GET", target, &[agent]).await;
        assert_eq!((reply.status, reply.header("content-type"), reply.body.as_str()), (200, "text/json", ""));
    }
    let head = request(node.address(), "HEAD", "/nothing", &[CLIENT]).await;
    assert_eq!(head.status, 200);
}

#[tokio::test]
async fn every_reply_names_its_request() {
    let node = TestNode::start(RestSettings::default()).await;
    let given = request(node.address(), "GET", "/", &[CLIENT, ("X-Request-Id", "gui-17")]).await;
    assert_eq!(given.header("x-request-id"), "gui-17");
    for (method, command) in [("GET", "get status"), ("GET", "get nothing"), ("PUT", "get status")] {
        let reply = request(node.address(), method, "/", &[CLIENT, ("command", command)]).await;
        assert!(!reply.header("x-request-id").is_empty(), "{method} {command}: {}", reply.status);
    }
}

#[tokio::test]
async fn other_methods_are_refused_once() {
    let node = TestNode::start(RestSettings::default()).await;
    let long = request(node.address(), &"M".repeat(10_000), "/", &[CLIENT]).await;
    assert!(long.status == 405 && long.body.len() < 100, "{}", long.body);
    for method in ["DELETE", "PATCH", "PUT", "VIEW"] {
        let reply = request(node.address(), method, "/", &[CLIENT, ("command", "get status")]).await;
        assert_eq!((reply.status, reply.header("allow")), (405, "GET, POST, HEAD, OPTIONS"), "{method}");
    }
}

#[tokio::test]
async fn a_connection_serves_one_request_after_the_other() {
    let node = TestNode::start(RestSettings::default()).await;
    let mut stream = TcpStream::connect(node.address()).await.unwrap();
    let two = text("GET", "/livez", &[CLIENT], "").repeat(2);
    stream.write_all(two.as_bytes()).await.unwrap();
    for _ in 0..2 {
        assert_eq!(receive(&mut stream).await.status, 200);
    }
    stream.write_all(text("POST", "/", &[CLIENT], "x").as_bytes()).await.unwrap();
    let reply = receive(&mut stream).await;
    assert_eq!((reply.status, reply.body.as_str()), (400, "Missing 'command' attribute in header"));
    stream.write_all(text("GET", "/livez", &[], "").as_bytes()).await.unwrap();
    assert_eq!(receive(&mut stream).await.status, 200, "a refused request does not end the connection");
}

#[tokio::test]
async fn old_and_odd_requests_are_understood() {
    let node = TestNode::start(RestSettings::default()).await;
    for bytes in [
        "GET /livez HTTP/1.0\r\n\r\n".to_owned(),
        "GET /livez HTTP/1.1\r\n\r\n".to_owned(),
        "GET /livez HTTP/1.1\n\n".to_owned(),
        format!("GET /livez HTTP/1.1\r\nx: {}\r\n\r\n", "y".repeat(300_000)),
    ] {
        assert_eq!(send(node.address(), &bytes).await.status, 200, "{}", &bytes[..20]);
    }
    for (count, status) in [(100, 200), (101, 431), (1_000, 431)] {
        let many: String = (0..count).map(|number| format!("h{number}: 1\r\n")).collect();
        let reply = send(node.address(), format!("GET /livez HTTP/1.1\r\n{many}\r\n")).await;
        assert_eq!(reply.status, status, "{count} lines");
        // What reads far more lines than are allowed is hyper, whose refusal has no page.
        assert_eq!(reply.body.contains("too many"), count == 101, "{}", reply.body);
    }
    assert_eq!(send(node.address(), "nonsense\r\n\r\n").await.status, 400);
}

#[tokio::test]
async fn expect_gets_its_interim_reply() {
    let node = TestNode::start(RestSettings::default()).await;
    let mut stream = TcpStream::connect(node.address()).await.unwrap();
    let head =
        "POST / HTTP/1.1\r\nHost: x\r\nUser-Agent: AnyLog/1.23\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    assert_eq!(receive(&mut stream).await.status, 100);
    stream.write_all(b"a = 1").await.unwrap();
    assert_eq!(receive(&mut stream).await.status, 400);
}

#[tokio::test]
async fn clients_that_show_the_status_line_alone_show_the_error() {
    let node = TestNode::start(RestSettings::default()).await;
    let reply = request(node.address(), "GET", "/", &[CLIENT, ("command", "get nonsense")]).await;
    assert_eq!((reply.status, reply.phrase.as_str()), (400, reply.body.as_str()));
    let long = format!("sql x \"{}\"", "é".repeat(2000));
    let reply = request(node.address(), "GET", "/", &[CLIENT, ("command", &long)]).await;
    assert!(reply.status == 400 && reply.phrase.len() <= 1000, "{}", reply.phrase);
}

#[tokio::test]
async fn wrong_methods_name_their_code() {
    let node = TestNode::start(RestSettings::default()).await;
    let reply = request(node.address(), "GET", "/", &[CLIENT, ("command", "blockchain test")]).await;
    let body = r#"{"method": "get", "node": "127.0.0.1", "err_code": 156, "err_text": "Wrong HTTP method used"}"#;
    assert_eq!((reply.status, reply.header("content-type"), reply.body.as_str()), (400, "json", body));
    let page = request(node.address(), "GET", "/", &[CLIENT, ("command", "blockchain test"), ("into", "html")]).await;
    assert_eq!((page.status, page.header("content-type")), (400, "text/html"));
}
