//! Limits of body, connections and time; the drain.

use super::{
    client::{receive, request, send, text},
    node::{TestNode, options},
};
use anylog_master::{
    node::Server,
    reply::Code,
    rest::{RestServer, RestSettings},
};
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const CLIENT: (&str, &str) = ("User-Agent", "AnyLog/1.23");

#[tokio::test]
async fn a_body_above_the_limit_is_refused() {
    let node = TestNode::start(RestSettings { body_limit: 100, ..RestSettings::default() }).await;
    let announced = send(node.address(), text("POST", "/", &[CLIENT], &"x".repeat(101))).await;
    assert_eq!(announced.status, 413);
    assert!(announced.body.contains("REST_BODY_LIMIT"));
    let chunk = format!("{:x}\r\n{}\r\n", 60, "x".repeat(60));
    let head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_eq!(send(node.address(), format!("{head}{chunk}{chunk}0\r\n\r\n")).await.status, 413);
    assert_eq!(send(node.address(), format!("{head}{chunk}0\r\n\r\n")).await.status, 400);
}

#[tokio::test]
async fn a_caller_whose_long_body_is_refused_reads_why() {
    let node = TestNode::start(RestSettings { body_limit: 100, ..RestSettings::default() }).await;
    const BYTES: usize = 24 << 20;
    for _ in 0..5 {
        let mut stream = TcpStream::connect(node.address()).await.unwrap();
        let head = format!("POST / HTTP/1.1\r\nHost: x\r\nUser-Agent: AnyLog/1.23\r\nContent-Length: {BYTES}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&vec![b'x'; BYTES]).await.expect("a reset would take the answer away");
        assert_eq!(receive(&mut stream).await.status, 413);
    }
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_given_up() {
    let node = TestNode::start(RestSettings { body_time: Duration::from_millis(40), ..RestSettings::default() }).await;
    for length in ["Content-Length: 5", "Transfer-Encoding: chunked"] {
        let mut stream = TcpStream::connect(node.address()).await.unwrap();
        let head = format!("POST / HTTP/1.1\r\nHost: x\r\nUser-Agent: AnyLog/1.23\r\n{length}\r\n\r\n1");
        stream.write_all(head.as_bytes()).await.unwrap();
        let reply = receive(&mut stream).await;
        assert_eq!((reply.status, reply.header("connection")), (408, "close"), "{length}");
        assert!(reply.body.contains("did not arrive in time"), "{}", reply.body);
        assert_eq!(stream.read(&mut [0; 1]).await.unwrap_or(0), 0, "one reply, then the end");
    }
    assert_eq!(request(node.address(), "GET", "/livez", &[]).await.status, 200);
}

#[tokio::test]
async fn a_thousand_idle_connections_disturb_nobody() {
    let node = TestNode::start(RestSettings::default()).await;
    let mut idle = Vec::new();
    for number in 0..1_000 {
        let mut stream = TcpStream::connect(node.address()).await.unwrap();
        if number % 2 == 0 {
            stream.write_all(b"GET / HT").await.unwrap();
        }
        idle.push(stream);
    }
    for _ in 0..20 {
        let answer = tokio::time::timeout(Duration::from_secs(2), request(node.address(), "GET", "/livez", &[]));
        assert_eq!(answer.await.expect("at once").status, 200);
    }
    assert!(node.connections() >= 1_000);
}

#[tokio::test]
async fn a_stop_closes_idle_connections_and_frees_the_port() {
    let node = TestNode::start(RestSettings::default()).await;
    let mut idle = TcpStream::connect(node.address()).await.unwrap();
    idle.write_all(text("GET", "/livez", &[], "").as_bytes()).await.unwrap();
    assert_eq!(receive(&mut idle).await.status, 200);
    tokio::time::timeout(Duration::from_secs(5), node.stop()).await.expect("an idle server stops at once");
    assert_eq!(idle.read(&mut [0; 1]).await.unwrap_or(0), 0, "closed");
    assert!(TcpStream::connect(node.address()).await.is_err());
}

#[tokio::test]
async fn a_server_starts_once_and_needs_a_free_port() {
    let node = TestNode::start(RestSettings::default()).await;
    let other = RestServer::new(RestSettings::default());
    let mut taken = options();
    taken.internal.port = node.address().port();
    let error = other.start(Arc::clone(&node.node), taken).await.unwrap_err();
    assert_eq!(error.code, Code::CONNECTION);
    assert!(error.detail.unwrap().contains(&node.address().port().to_string()));
    other.start(Arc::clone(&node.node), options()).await.unwrap();
    assert_eq!(other.start(Arc::clone(&node.node), options()).await.unwrap_err().code, Code::ALREADY_ACTIVE);
}
