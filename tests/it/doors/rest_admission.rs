//! How much of the REST server one caller gets: bodies without rights, bodies at once, idle and slow connections, full houses.

use crate::rest::{
    client::{Reply, receive, text},
    node::TestNode,
};
use anylog_master::rest::{Mode, RestSettings};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

const CLIENT: (&str, &str) = ("User-Agent", "AnyLog/1.23");
const SOON: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(20);

/// Connects from an address of loopback.
async fn from(last: u8, address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, last], 0))).unwrap();
    socket.connect(address).await.unwrap()
}

async fn asks(last: u8, address: SocketAddr, request: &str) -> Reply {
    let mut stream = from(last, address).await;
    stream.write_all(request.as_bytes()).await.unwrap();
    receive(&mut stream).await
}

/// Waits until the node ends a connection.
async fn ended(stream: &mut TcpStream) {
    let mut rest = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut rest)).await.expect("the connection ends");
}

#[tokio::test]
async fn rights_come_before_the_body() {
    let token = TestNode::start(RestSettings { auth: Some(Mode::Token), ..RestSettings::default() }).await;
    let guarded = TestNode::start(RestSettings { auth: Some(Mode::Guarded), ..RestSettings::default() }).await;
    let length = ("Content-Length", "15900000");
    let insert = ("command", "blockchain insert where policy=!p and local=true and master=!ledger_conn");
    for (node, lines, status) in [
        (&token, &[CLIENT, length, insert][..], 401),
        (&token, &[CLIENT, length], 401),
        (&token, &[("User-Agent", "Grafana/10"), length], 401),
        (&token, &[CLIENT, ("Transfer-Encoding", "chunked"), insert], 401),
        (&guarded, &[CLIENT, length, insert], 401),
        (&guarded, &[CLIENT, length, ("command", "body")], 413),
        (&guarded, &[CLIENT, length], 413),
        (&guarded, &[("User-Agent", "Grafana/10"), length], 413),
    ] {
        let reply = timeout(SOON, asks(1, node.address(), &text("POST", "/", lines, ""))).await;
        let reply = reply.unwrap_or_else(|_| panic!("{lines:?}: the body is waited for"));
        assert_eq!(reply.status, status, "{lines:?}: {}", reply.body);
    }
    // What a reader may ask has room.
    let question = format!(r#"{{"command": "get status", "x": "{}"}}"#, "y".repeat(200_000));
    assert_eq!(asks(1, guarded.address(), &text("POST", "/", &[CLIENT], &question)).await.status, 200);
}

#[tokio::test]
async fn bodies_at_once_share_the_memory() {
    let megabyte = 1 << 20;
    let settings = RestSettings {
        auth: Some(Mode::Off),
        body_limit: megabyte,
        body_memory: 4 * megabyte,
        ..RestSettings::default()
    };
    let node = TestNode::start(settings).await;
    let head = |length: usize| {
        format!("POST / HTTP/1.1\r\nHost: x\r\nUser-Agent: AnyLog/1.23\r\nContent-Length: {length}\r\n\r\n")
    };
    // Two unfinished bodies are the share of an address, and another waits until one of them has become slow.
    let mut unfinished = Vec::new();
    for _ in 0..2 {
        let mut stream = from(1, node.address()).await;
        stream.write_all(head(megabyte).as_bytes()).await.unwrap();
        stream.write_all(&vec![b'x'; megabyte / 2]).await.unwrap();
        unfinished.push(stream);
    }
    let whole = format!("{}{}", head(megabyte), "x".repeat(megabyte));
    // Others are not concerned.
    assert_eq!(timeout(SOON, asks(2, node.address(), &whole)).await.expect("at once").status, 400);
    let third = timeout(PATIENCE, asks(1, node.address(), &whole));
    assert_eq!(third.await.expect("the slow one gives way").status, 400);
    let [first, second] = unfinished.as_mut_slice() else { panic!("two") };
    tokio::select! {
        () = ended(first) => {}
        () = ended(second) => {}
    }
}

#[tokio::test]
async fn unknown_lengths_take_no_more_than_there_is() {
    let settings =
        RestSettings { auth: Some(Mode::Off), body_limit: 1 << 20, body_memory: 1 << 20, ..RestSettings::default() };
    let node = TestNode::start(settings).await;
    let mut holder = from(1, node.address()).await;
    let head = "POST / HTTP/1.1\r\nHost: x\r\nUser-Agent: AnyLog/1.23\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunk = format!("{:x}\r\n{}\r\n", 600_000, "x".repeat(600_000));
    holder.write_all(format!("{head}{chunk}").as_bytes()).await.unwrap();
    let mut other = from(2, node.address()).await;
    other.write_all(format!("{head}{chunk}").as_bytes()).await.unwrap();
    // Whichever of them comes second finds no room, and both are not waiting for each other.
    let first = async {
        tokio::select! {
            reply = receive(&mut holder) => reply,
            reply = receive(&mut other) => reply,
        }
    };
    let reply = timeout(PATIENCE, first).await.expect("one is refused");
    assert_eq!((reply.status, reply.header("retry-after")), (503, "1"), "{}", reply.body);
    assert!(reply.body.contains("REST_BODY_MEMORY"), "{}", reply.body);
}

#[tokio::test]
async fn idle_connections_of_few_addresses_shut_nobody_out() {
    let settings = RestSettings { connections: 60, connections_per_host: 20, ..RestSettings::default() };
    let node = TestNode::start(settings).await;
    let mut idle = Vec::new();
    for number in 0..200_u8 {
        let mut stream = from(1 + number % 4, node.address()).await;
        match number % 3 {
            0 => stream.write_all(b"GET / HT").await.unwrap(),
            1 => stream.write_all(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n").await.unwrap(),
            _ => {}
        }
        idle.push(stream);
    }
    for last in [1, 2, 9, 10] {
        let reply = timeout(SOON, asks(last, node.address(), &text("GET", "/livez", &[], ""))).await;
        assert_eq!(reply.expect("at once").status, 200, "127.0.0.{last}");
    }
    assert!(node.connections() <= 60, "{}", node.connections());
}

#[tokio::test]
async fn a_newcomer_gets_the_place_of_a_silent_connection() {
    let node = TestNode::start(RestSettings { connections: 2, ..RestSettings::default() }).await;
    let (mut first, mut second) = (from(1, node.address()).await, from(1, node.address()).await);
    let reply = timeout(SOON, asks(2, node.address(), &text("GET", "/livez", &[], ""))).await;
    assert_eq!(reply.expect("at once").status, 200);
    tokio::select! {
        () = ended(&mut first) => {}
        () = ended(&mut second) => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_all_are_at_work_probes_are_answered_and_others_are_told() {
    let node = TestNode::start(RestSettings { auth: Some(Mode::Off), connections: 2, ..RestSettings::default() }).await;
    let mut working = Vec::new();
    for _ in 0..2 {
        let mut stream = from(1, node.address()).await;
        let wait = text("POST", "/", &[CLIENT, ("command", "wait 60")], "");
        stream.write_all(wait.as_bytes()).await.unwrap();
        working.push(stream);
    }
    while node.listening_calls() < 2 {
        tokio::task::yield_now().await;
    }
    // A caller of this machine finds a place in any case.
    let local =
        timeout(SOON, asks(1, node.address(), &text("GET", "/", &[CLIENT, ("command", "get status")], ""))).await;
    assert_eq!(local.expect("at once").status, 200);
    assert_eq!(asks(1, node.address(), &text("GET", "/readyz", &[], "")).await.status, 503, "not ready, and answered");
}

#[tokio::test]
async fn a_request_has_one_host_and_a_header_of_a_size() {
    let node = TestNode::start(RestSettings::default()).await;
    let two = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\nUser-Agent: curl/8\r\n\r\n";
    assert_eq!(asks(1, node.address(), two).await.status, 400);
    for (kilobytes, status) in [(500, 200), (516, 431), (900, 431)] {
        let header = format!("GET /livez HTTP/1.1\r\nHost: x\r\nx: {}\r\n\r\n", "y".repeat(kilobytes * 1024));
        let mut stream = from(1, node.address()).await;
        // The node may end the connection while the header still comes.
        let _ = stream.write_all(header.as_bytes()).await;
        let mut reply = [0; 12];
        match stream.read_exact(&mut reply).await {
            Ok(_) => assert_eq!(&reply[9..], status.to_string().as_bytes(), "{kilobytes} KB"),
            Err(_) => assert_eq!(status, 431, "{kilobytes} KB"),
        }
    }
    let header = format!("GET /livez HTTP/1.1\r\nHost: x\r\nx: {}\r\n\r\n", "y".repeat(20 * 1024));
    let reply = asks(1, node.address(), &header).await;
    assert_eq!((reply.status, reply.header("connection")), (200, "close"), "a large buffer is not kept");
}

#[tokio::test]
async fn large_headers_count_as_memory() {
    let settings = RestSettings { body_limit: 1024, body_memory: 100 * 1024, ..RestSettings::default() };
    let node = TestNode::start(settings).await;
    let header = format!("GET /livez HTTP/1.1\r\nHost: x\r\nx: {}", "y".repeat(200 * 1024));
    let mut stream = from(1, node.address()).await;
    let _ = stream.write_all(header.as_bytes()).await;
    let mut reply = [0; 12];
    if stream.read_exact(&mut reply).await.is_ok() {
        assert_eq!(&reply[9..], b"503");
    }
    assert_eq!(asks(1, node.address(), &text("GET", "/livez", &[], "")).await.status, 200);
}
