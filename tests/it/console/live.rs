//! What pages follow: the events, and the node's sign of life.

use super::{ConsoleNode, csrf, token};
use crate::rest::client;
use anylog_master::{console::ConsoleSettings, node::Role, rest::Mode};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime::Handle,
    task::yield_now,
    time::timeout,
};

#[tokio::test]
async fn a_page_is_told_the_token_of_its_changes() {
    let node = ConsoleNode::open(ConsoleSettings::default()).await;
    let page = node.get("/console", "").await;
    let alive = node.get("/console/alive", "").await;
    assert_eq!((alive.status, alive.body.as_str()), (200, csrf(&page).as_str()));
    assert_eq!(alive.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_stream_begins_at_once_and_ends_with_its_session() {
    let admin = token(Role::Admin);
    let node = ConsoleNode::start(Mode::Token, &[&admin], ConsoleSettings::default()).await;
    let cookie = node.sign_in(&admin).await;
    let mut stream = TcpStream::connect(node.listening.bound).await.unwrap();
    let text = client::text("GET", "/console/events", &[("Cookie", &cookie)], "");
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut head = String::new();
    while !head.contains("event: start") {
        let mut part = [0; 4096];
        let count = timeout(Duration::from_secs(10), stream.read(&mut part)).await.unwrap().unwrap();
        assert!(count > 0, "{head}");
        head += std::str::from_utf8(&part[..count]).unwrap();
    }
    let lower = head.to_lowercase();
    assert!(lower.contains("content-type: text/event-stream"), "{head}");
    assert!(!lower.contains("access-control-allow-origin"), "{head}");
    let page = node.get("/console", &cookie).await;
    assert_eq!(node.post("/console/sign-out", &cookie, &[("csrf", &csrf(&page))]).await.status, 303);
    // The last chunk of a body that has no length; the connection stays for the next request.
    while !head.ends_with("0\r\n\r\n") {
        let mut part = [0; 4096];
        let count = timeout(Duration::from_secs(10), stream.read(&mut part)).await.expect("the stream ends").unwrap();
        assert!(count > 0, "{head}");
        head += std::str::from_utf8(&part[..count]).unwrap();
    }
}

#[tokio::test]
async fn a_request_that_opens_no_stream_leaves_nothing_behind() {
    const REQUESTS: usize = 30;
    let node = ConsoleNode::open(ConsoleSettings::default()).await;
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    for _ in 0..REQUESTS {
        let reply = node.send("HEAD", "/console/events", &[], "").await;
        assert_eq!((reply.status, reply.header("content-type")), (200, "text/event-stream"));
    }
    let gone = async {
        while tasks() >= before + REQUESTS / 2 {
            yield_now().await;
        }
    };
    timeout(Duration::from_secs(10), gone).await.expect("no task stays for a request that has ended");
}

#[tokio::test]
async fn files_are_packed_named_by_their_content_and_asked_for_once() {
    let node = ConsoleNode::open(ConsoleSettings::default()).await;
    let page = node.get("/console", "").await;
    let (_, behind) = page.body.split_once("href=\"/console/assets/console.css?v=").unwrap();
    let hash = behind.split('"').next().unwrap();
    let target = format!("/console/assets/console.css?v={hash}");
    let named = node.get(&target, "").await;
    assert!(named.header("cache-control").contains("immutable"));
    let tag = named.header("etag").to_owned();
    let again = node.send("GET", "/console/assets/console.css", &[("If-None-Match", &tag)], "").await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    assert_eq!(again.header("cache-control"), "no-cache");
    assert_eq!(node.get("/console/assets/..%2Fmod.rs", "").await.status, 404);
}
