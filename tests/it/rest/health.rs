//! Probes: what each of them tells, and what a mistyped one is told.

use super::{
    client::{Reply, request, send},
    node::TestNode,
};
use anylog_master::rest::{Mode, RestSettings};
use serde_json::Value;

const PROBE: (&str, &str) = ("User-Agent", "kube-probe/1.30");
const CURL: (&str, &str) = ("User-Agent", "curl/8.5.0");
const CLIENT: (&str, &str) = ("User-Agent", "AnyLog/1.23");
const BROWSER: (&str, &str) = ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64)");

async fn get(node: &TestNode, target: &str) -> Reply {
    request(node.address(), "GET", target, &[PROBE]).await
}

/// Returns the checks of `/health` by name.
fn check<'a>(health: &'a Value, name: &str) -> &'a Value {
    let found = health["checks"].as_array().unwrap().iter().find(|check| check["name"] == name);
    found.unwrap_or_else(|| panic!("no check {name} in {health}"))
}

#[tokio::test]
async fn health_tells_each_check_with_its_time_and_what_was_found() {
    let node = TestNode::start(RestSettings::default()).await;
    let reply = get(&node, "/health").await;
    let health: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!((reply.status, health["status"].as_str()), (503, Some("starting")), "{health}");
    for name in ["boot", "database", "writer", "tcp_listener", "rest_listener", "ledger", "sync", "members", "disk"] {
        let check = check(&health, name);
        assert!(
            check["since"].as_str().unwrap().ends_with('Z') && !check["detail"].as_str().unwrap().is_empty(),
            "{check}"
        );
    }
    assert_eq!(check(&health, "database")["status"], "starting");
    assert_eq!(check(&health, "database")["detail"], "the ledger is not loaded");
    node.node.readiness.boot_finished();
    let health: Value = serde_json::from_str(&get(&node, "/health").await.body).unwrap();
    assert_eq!((&health["status"], &check(&health, "boot")["status"]), (&"unhealthy".into(), &"pass".into()));
    assert_eq!(check(&health, "database")["status"], "fail", "after the boot it is no matter of time");
}

#[tokio::test]
async fn each_probe_asks_for_its_own() {
    let node = TestNode::start(RestSettings::default()).await;
    assert_eq!(get(&node, "/livez").await.body, r#"{"status": "alive"}"#);
    let unstarted = get(&node, "/startupz").await;
    assert_eq!((unstarted.status, unstarted.body.contains("not started")), (503, true), "{}", unstarted.body);
    node.node.readiness.boot_finished();
    assert_eq!((get(&node, "/startupz").await.status, get(&node, "/readyz").await.status), (200, 503));
    let verbose = get(&node, "/readyz?verbose").await;
    assert_eq!((verbose.status, verbose.header("content-type")), (503, "text/plain; charset=utf-8"));
    assert!(
        verbose.body.contains("[+]boot ok") && verbose.body.contains("[-]database failed since "),
        "{}",
        verbose.body
    );
    assert!(verbose.body.ends_with("readyz check failed\n"), "{}", verbose.body);
    let all = "/readyz?exclude=database&exclude=tcp_listener&exclude=rest_listener";
    assert_eq!((get(&node, all).await.status, get(&node, "/readyz?exclude=database").await.status), (200, 503));
    assert!(get(&node, &format!("{all}&verbose")).await.body.contains("[ ]database excluded"));
    node.node.readiness.leave();
    let leaving = get(&node, "/readyz").await;
    assert!(leaving.status == 503 && leaving.body.contains("the node is stopping"), "{}", leaving.body);
    assert_eq!(get(&node, "/livez").await.status, 200, "it is not to be killed for that");
}

#[tokio::test]
async fn a_node_that_is_well_answers_pages_as_the_network_does() {
    let node = TestNode::start(RestSettings::default()).await;
    let target =
        "/health?exclude=boot&exclude=database&exclude=tcp_listener&exclude=rest_listener&exclude=sync&exclude=ledger";
    for headers in [&[][..], &[BROWSER]] {
        let reply = request(node.address(), "GET", target, headers).await;
        assert_eq!((reply.status, reply.header("content-type")), (200, "application/json"));
        let health: Value = serde_json::from_str(&reply.body).unwrap();
        assert_eq!(health.as_object().unwrap().len(), 3, "{health}");
        assert!(reply.body.starts_with(r#"{"status": "healthy", "service": "anylog-rest-server", "timestamp": "#));
    }
    for headers in [&[CURL][..], &[CLIENT], &[PROBE]] {
        let health: Value = serde_json::from_str(&request(node.address(), "GET", target, headers).await.body).unwrap();
        assert_eq!((&health["status"], &check(&health, "writer")["status"]), (&"healthy".into(), &"pass".into()));
    }
}

#[tokio::test]
async fn what_is_no_probe_is_not_green() {
    let node = TestNode::start(RestSettings::default()).await;
    for (target, agent, status) in [
        // Balancers and people write these two: they tell whether the node is ready, which this one is not.
        ("/status", CURL, 503),
        ("/get/status", ("User-Agent", "ELB-HealthChecker/2.0"), 503),
        ("/get/status", CURL, 503),
        ("/ready", PROBE, 404),
        ("/readyzz", BROWSER, 404),
        ("/readyz/", CLIENT, 404),
        ("/metrics/prometheus", ("User-Agent", "Prometheus/3.4.0"), 404),
        ("/nothing/here", CURL, 404),
        ("/nothing/here", ("User-Agent", "GoogleHC/1.0"), 404),
        // What the network's pages and clients do is a ping, as ever.
        ("/nothing/here", BROWSER, 200),
        ("/nothing/here", CLIENT, 200),
        ("/", PROBE, 200),
        ("/", CURL, 200),
        ("/ready?User-Agent=AnyLog/1.23?command=get%20status", BROWSER, 200),
    ] {
        let reply = request(node.address(), "GET", target, &[agent]).await;
        assert_eq!(reply.status, status, "{target} {agent:?}: {}", reply.body);
        if status == 404 {
            assert!(reply.body.contains("/readyz") && reply.body.contains("command"), "{}", reply.body);
        }
    }
    let meant = request(node.address(), "GET", "/Readiness", &[PROBE]).await;
    assert!(meant.body.contains("did you mean /readyz?"), "{}", meant.body);
    let with_command = request(node.address(), "GET", "/ready", &[PROBE, ("command", "get node name")]).await;
    assert_eq!(with_command.status, 200, "a command comes to any path");
    let old =
        send(node.address(), "GET /readyz HTTP/1.0\r\nX-Forwarded-For: 10.0.0.1\r\nConnection: close\r\n\r\n").await;
    assert_eq!((old.status, old.body), (503, get(&node, "/readyz").await.body));
    let script = send(
        node.address(),
        "POST /run/script HTTP/1.1\r\nHost: x\r\nUser-Agent: curl/8\r\nContent-Length: 5\r\n\r\nfile=",
    )
    .await;
    assert!(script.status == 400 && script.body.contains("'command' attribute in header"), "{}", script.body);
}

#[tokio::test]
async fn who_may_not_read_is_told_no_more_than_that_something_is_wrong() {
    let node = TestNode::start(RestSettings { auth: Some(Mode::Token), ..RestSettings::default() }).await;
    node.node.readiness.boot_finished();
    let health: Value = serde_json::from_str(&get(&node, "/health").await.body).unwrap();
    assert_eq!((&check(&health, "database")["status"], health.get("checks").is_some()), (&"fail".into(), true));
    assert!(check(&health, "database")["detail"].as_str().unwrap().starts_with("withheld"), "{health}");
    assert_eq!(get(&node, "/metrics").await.status, 401);
}
