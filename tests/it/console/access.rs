//! Who may see what.

use super::{ConsoleNode, csrf, form, token};
use crate::rest::client;
use anylog_master::{
    console::ConsoleSettings,
    node::{Role, Server},
    rest::Mode,
};
use std::time::Duration;

#[tokio::test]
async fn without_a_token_a_closed_node_shows_where_to_sign_in_and_nothing_else() {
    let publisher = token(Role::Publish);
    let node = ConsoleNode::start(Mode::Token, &[&publisher], ConsoleSettings::default()).await;
    for path in ["/console", "/console/network", "/console/activity", "/console/events", "/console/alive"] {
        let reply = node.get(path, "").await;
        assert_eq!(reply.status, 303, "{path}");
        assert!(reply.header("location").starts_with("/console/sign-in?next="), "{path}");
    }
    let part = node.send("GET", "/console/alive", &[("HX-Request", "true")], "").await;
    assert_eq!((part.status, part.header("hx-redirect")), (204, "/console/sign-in?next=%2Fconsole"));
    let next = node.get("/console/network?find=x", "").await;
    assert_eq!(next.header("location"), "/console/sign-in?next=%2Fconsole%2Fnetwork%3Ffind%3Dx");
    let asset = node.get("/console/assets/console.css", "").await;
    assert_eq!((asset.status, asset.header("content-type")), (200, "text/css; charset=utf-8"));
    let cookie = node.sign_in(&publisher).await;
    let page = node.get("/console", &cookie).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Sign out") && page.body.contains("publish"), "{}", page.body);
    assert_eq!(page.header("access-control-allow-origin"), "", "no page of another origin reads it");
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
}

#[tokio::test]
async fn a_guarded_node_is_read_by_everybody() {
    let node = ConsoleNode::start(Mode::Guarded, &[&token(Role::Admin)], ConsoleSettings::default()).await;
    for path in ["/console", "/console/", "/console/network", "/console/activity"] {
        let page = node.get(path, "").await;
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        assert!(page.body.contains("Sign in"));
    }
    assert_eq!(node.get("/console/nothing", "").await.status, 404);
    for (method, path, allowed) in [
        ("DELETE", "/console", "GET, HEAD"),
        ("DELETE", "/console/commands", "GET, HEAD, POST"),
        ("GET", "/console/sign-out", "POST"),
    ] {
        let refused = node.send(method, path, &[], "").await;
        assert_eq!((refused.status, refused.header("allow")), (405, allowed), "{method} {path}");
    }
}

#[tokio::test]
async fn a_wrong_token_is_refused_and_guessing_ends() {
    let node = ConsoleNode::start(Mode::Token, &[&token(Role::Admin)], ConsoleSettings::default()).await;
    let page = node.get("/console/sign-in", "").await;
    let csrf = csrf(&page);
    for turn in 0..11 {
        let reply = node.post("/console/sign-in", "", &[("csrf", &csrf), ("token", "alm_0")]).await;
        assert_eq!(reply.status, if turn < 10 { 401 } else { 429 }, "{turn}");
        assert_eq!(reply.header("set-cookie"), "");
        assert!(!reply.body.contains("alm_0"), "what was typed is not shown again");
    }
}

#[tokio::test]
async fn a_session_ends_by_itself_and_when_its_owner_says_so() {
    let admin = token(Role::Admin);
    let short = ConsoleSettings { timeout: Duration::from_secs(2), ..ConsoleSettings::default() };
    let node = ConsoleNode::start(Mode::Token, &[&admin], short).await;
    let cookie = node.sign_in(&admin).await;
    assert_eq!(node.get("/console", &cookie).await.status, 200);
    tokio::time::sleep(Duration::from_millis(2200)).await;
    assert_eq!(node.get("/console", &cookie).await.status, 303, "it was not used");

    let node = ConsoleNode::start(Mode::Token, &[&admin], ConsoleSettings::default()).await;
    let cookie = node.sign_in(&admin).await;
    let page = node.get("/console", &cookie).await;
    let out = node.post("/console/sign-out", &cookie, &[("csrf", &csrf(&page))]).await;
    assert_eq!(out.status, 303);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(node.get("/console", &cookie).await.status, 303);
}

#[tokio::test]
async fn a_session_is_of_one_run_and_a_cookie_of_nobody_is_none() {
    let admin = token(Role::Admin);
    let node = ConsoleNode::start(Mode::Token, &[&admin], ConsoleSettings::default()).await;
    for cookie in ["anylog_console=", "anylog_console=00", &format!("anylog_console={}", "0".repeat(64))] {
        assert_eq!(node.get("/console", cookie).await.status, 303, "{cookie}");
    }
    let (one, other) = (node.sign_in(&admin).await, node.sign_in(&admin).await);
    assert_ne!(one, other);
}

#[tokio::test]
async fn nodes_at_several_ports_of_a_host_leave_each_other_their_sessions() {
    let admin = token(Role::Admin);
    let node = ConsoleNode::start(Mode::Token, &[&admin], ConsoleSettings::default()).await;
    let proof = csrf(&node.get("/console/sign-in", "").await);
    let fields = form(&[("csrf", &proof), ("token", &admin.secret)]);
    let sign_in = async |host: &str| {
        let kind = "Content-Type: application/x-www-form-urlencoded";
        let lines = format!("Host: {host}\r\n{kind}\r\nContent-Length: {}", fields.len());
        let text = format!("POST /console/sign-in HTTP/1.1\r\n{lines}\r\n\r\n{fields}");
        let reply = client::send(node.listening.bound, text).await;
        assert_eq!(reply.status, 303, "{host}: {}", reply.body);
        reply.header("set-cookie").split(';').next().unwrap().to_owned()
    };
    let open = async |host: &str, cookie: &str| {
        let text = format!("GET /console HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n");
        client::send(node.listening.bound, text).await.status
    };
    let (one, other) = (sign_in("node:32049").await, sign_in("node:32149").await);
    assert!(one.starts_with("anylog_console_32049=") && other.starts_with("anylog_console_32149="), "{one} {other}");
    // A browser has both, and sends both to both ports.
    let both = format!("{one}; {other}");
    assert_eq!((open("node:32049", &both).await, open("node:32149", &both).await), (200, 200));
    assert_eq!(open("node:32049", &other).await, 303, "it is of another port");
    assert!(sign_in("node").await.starts_with("anylog_console="));
}

#[tokio::test]
async fn names_that_somebody_made_lead_here_are_refused() {
    let node = ConsoleNode::open(ConsoleSettings::default()).await;
    let ask = async |host: &str| {
        let text = format!("GET /console HTTP/1.1\r\nHost: {host}\r\n\r\n");
        client::send(node.listening.bound, text).await
    };
    for own in ["127.0.0.1:1", "localhost", "node", "NODE:80", "[::1]:32049"] {
        assert_eq!(ask(own).await.status, 200, "{own}");
    }
    for foreign in ["evil.example", "node.evil.example", "127.0.0.1.evil.example"] {
        let reply = ask(foreign).await;
        assert_eq!(reply.status, 421, "{foreign}");
        assert!(reply.body.contains("REST_HOSTS") && !reply.body.contains("<nav"), "{}", reply.body);
    }
    let hostile = ask("<script>alert(1)</script>").await;
    assert_ne!(hostile.status, 200);
    assert!(!hostile.body.contains("<script>alert"), "{}", hostile.body);
}

#[tokio::test]
async fn other_paths_are_not_the_consoles() {
    let node = ConsoleNode::open(ConsoleSettings::default()).await;
    for path in ["/", "/consoles", "/status"] {
        let reply = node.get(path, "").await;
        assert!(!reply.body.contains("<nav"), "{path}");
    }
    node.server.stop().await;
}
