//! What keeps a member from joining is told once in a line that says what to do, however often it is tried.

use crate::{peer::member::Member, program::Program, support::port::free};
use anylog_block::{Header, Job, Outgoing, ReturnAddress};
use serde_json::Value;
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

/// Time in which whoever came to the wrong port has to be answered: far less than a block may take.
const AT_ONCE: Duration = Duration::from_secs(5);

fn node(variables: &[(&str, &str)]) -> (Program, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    (Program::embedded(directory.path(), variables), directory)
}

/// Sends bytes and returns what comes back until the node closes.
fn exchange(to: SocketAddr, bytes: &[u8]) -> String {
    let started = Instant::now();
    let mut stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(AT_ONCE)).unwrap();
    stream.write_all(bytes).unwrap();
    let mut answer = Vec::new();
    // A connection that is closed while bytes are under way may end as a reset.
    let _read = stream.read_to_end(&mut answer);
    assert!(started.elapsed() < AT_ONCE, "it is answered at once");
    String::from_utf8_lossy(&answer).into_owned()
}

/// Waits for the line of the log with a text and returns all of it.
fn line(program: &mut Program, part: &str) -> String {
    let event = program.event_of(|event| text(event).contains(part));
    assert_eq!(event["level"].as_str().map(|level| level == "ERROR"), Some(false), "{event}");
    text(&event).to_owned()
}

fn text(event: &Value) -> &str {
    event["message"].as_str().unwrap_or_default()
}

/// Sees that nothing more was said with a text than was waited for.
fn was_told_once(program: &mut Program, part: &str) {
    // What comes after it in the log shows that nothing is on its way.
    program.ask("POST", "set log level = info,boot=debug");
    program.event_of(|event| text(event) == "the level of the log is another one");
    let again = program.told.iter().filter(|event| text(event).contains(part)).count();
    assert_eq!(again, 0, "told more than once: {:#?}", program.told);
}

/// Returns the bytes of a command whose sender waits for the answer at an address.
fn message(command: &str, to: (&str, u16)) -> Vec<u8> {
    let (job, source) = (Job { slot: 7, id: 7 }, ReturnAddress::new(to.0, to.1));
    let header = Header { info: 6, job, partitions: 1, receivers: 1, source, ..Header::default() };
    let mut raw = Vec::new();
    Outgoing::new(header, command).encode(&mut raw).unwrap();
    raw
}

/// Sends bytes and waits for nothing.
fn send(to: SocketAddr, bytes: &[u8]) {
    TcpStream::connect(to).unwrap().write_all(bytes).unwrap();
}

#[test]
fn http_on_the_tcp_port_is_answered_with_the_right_one() {
    let (mut node, _directory) = node(&[]);
    let rest = node.rest.port();
    for request in [
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /a HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc",
        "GET /health HTTP/1.1\r\n\r\n",
        "PROPFIND /dav HTTP/1.1\r\n\r\n",
        "get / HTTP/1.1\r\n\r\n",
    ] {
        let answer = exchange(node.tcp, request.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{answer}");
        assert!(answer.contains(&format!("use the REST server: http, port {rest}")), "{answer}");
    }
    let part = format!("HTTP came to port {}, which is for other nodes", node.tcp.port());
    let said = line(&mut node, &part);
    assert!(said.contains(&format!("clients and probes use the REST server (http, port {rest})")), "{said}");
    was_told_once(&mut node, "HTTP came to port");
}

#[test]
fn tls_on_the_tcp_port_is_closed_at_once() {
    let (mut node, _directory) = node(&[]);
    for _ in 0..3 {
        assert_eq!(exchange(node.tcp, b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03"), "");
    }
    let part = format!("TLS came to port {}, which is for other nodes and speaks none", node.tcp.port());
    let said = line(&mut node, &part);
    assert!(said.contains("REST server (http, port "), "{said}");
    was_told_once(&mut node, "TLS came to port");
}

#[test]
fn the_protocol_of_a_proxy_is_told_with_the_switch_that_ends_it() {
    let (mut node, _directory) = node(&[]);
    for first in [&b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n"[..], b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c"] {
        assert_eq!(exchange(node.tcp, first), "");
    }
    let said = line(&mut node, "it begins with the PROXY protocol");
    assert!(said.contains("send-proxy of HAProxy"), "{said}");
    was_told_once(&mut node, "PROXY protocol");
}

#[test]
fn what_is_no_message_at_all_is_told() {
    let (mut node, _directory) = node(&[]);
    let mut older = message("get status", ("127.0.0.1", 1));
    older[39..43].fill(0xff);
    assert_eq!(exchange(node.tcp, &older), "");
    let said = line(&mut node, "what came to the port for other nodes is no message of one");
    assert!(said.contains("a node of another version of the network"), "{said}");
}

#[test]
fn messages_on_the_rest_port_are_told_with_the_line_that_members_write() {
    let (mut node, _directory) = node(&[]);
    for _ in 0..3 {
        let answer = exchange(node.rest, &message("event get_blockchain x.new 0 0", ("127.0.0.1", 7)));
        assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n") && answer.contains("LEDGER_CONN="), "{answer}");
    }
    let join = node.join().to_owned();
    let part = format!("a message of another node came to port {}, which is the one of REST", node.rest.port());
    let said = line(&mut node, &part);
    assert!(said.contains(&format!("write {join} at the member")), "{said}");
    was_told_once(&mut node, "a message of another node came to port");
}

#[test]
fn a_return_address_that_is_refused_is_told_with_the_ways_out() {
    let (mut node, _directory) = node(&[]);
    for _ in 0..3 {
        send(node.tcp, &message("get status", ("192.0.2.9", 9)));
    }
    let said = line(&mut node, "no answer to 192.0.2.9:9: 192.0.2.9:9 is not where the message came from, 127.0.0.1");
    for way in ["PEER_CHECK_RETURN", "set EXTERNAL_IP at the member", "PEER_ALLOW", "PEER_GATEWAY"] {
        assert!(said.contains(way), "{way}: {said}");
    }
    was_told_once(&mut node, "no answer to 192.0.2.9:9");
}

#[test]
fn a_return_address_that_nobody_resolves_is_told() {
    let (mut node, _directory) = node(&[]);
    for _ in 0..2 {
        send(node.tcp, &message("get status", ("nobody.invalid", 9)));
    }
    let said = line(&mut node, "no answer to nobody.invalid:9, the return address of a member: cannot find an address");
    assert!(said.contains("give the member an address in EXTERNAL_IP instead of a name"), "{said}");
    was_told_once(&mut node, "no answer to nobody.invalid:9");
}

#[test]
fn a_return_address_that_nobody_listens_at_is_told() {
    let (mut node, _directory) = node(&[]);
    let nobody = free();
    send(node.tcp, &message("get status", ("127.0.0.1", nobody)));
    let said = line(&mut node, &format!("message not delivered: nobody accepts connections at 127.0.0.1:{nobody}: "));
    for way in ["start the node there", "open its TCP port", "EXTERNAL_IP"] {
        assert!(said.contains(way), "{way}: {said}");
    }
    was_told_once(&mut node, "message not delivered");
    let metrics = exchange(node.rest, b"GET /metrics HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n");
    assert!(metrics.contains("anylog_master_join_troubles{kind=\"unreachable\"} 1"), "{metrics}");
    let list = node.get("test join");
    assert!(list.contains(&format!("no answer reached 127.0.0.1:{nobody}, the return address of a member")), "{list}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_from_the_future_shows_a_clock_that_is_ahead() {
    let (mut node, _directory) = node(&[]);
    let member = Member::new(node.tcp).await;
    for id in ["a", "b"] {
        let policy = format!(r#"{{"device": {{"id": "{id}", "date": "2999-01-01T00:00:00.000001Z"}}}}"#);
        member.send(&format!("blockchain push {policy}"), 0).await;
    }
    let said = line(&mut node, "s ahead of the one of this node");
    assert!(said.starts_with("the clock of a member is ") && said.contains("(NTP)"), "{said}");
    was_told_once(&mut node, "the clock of a member is");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_of_another_company_is_told() {
    let (mut node, _directory) = node(&[("COMPANY_NAME", "Acme")]);
    let member = Member::new(node.tcp).await;
    for (name, company) in [("q1", "ACME "), ("q2", "Other Inc")] {
        let policy = format!(
            r#"{{"query": {{"name": "{name}", "company": "{company}", "ip": "127.0.0.1", "port": {}, "id": "{name}"}}}}"#,
            member.port
        );
        member.send(&format!("blockchain push {policy}"), 0).await;
    }
    let said = line(&mut node, "is of the company");
    assert!(
        said.starts_with("node 'q2' is of the company 'Other Inc', this node of 'Acme'; correct COMPANY_NAME"),
        "{said}"
    );
    was_told_once(&mut node, "is of the company");
}
