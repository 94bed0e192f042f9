//! Pages and links: what a browser is told to make of a reply, whose pages are answered, and what no link reaches.

use super::house::House;
use crate::rest::{
    client::{Reply, send, text},
    node::TestNode,
    replay::Master,
};
use anylog_master::rest::{Mode, NewToken, RestSettings, Tokens};
use std::net::SocketAddr;

const CLIENT: (&str, &str) = ("User-Agent", "AnyLog/1.23");
const MOZILLA: (&str, &str) = ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36");

/// Sends a request with these lines and no others.
async fn ask(address: SocketAddr, method: &str, target: &str, lines: &[(&str, &str)]) -> Reply {
    let lines: String = lines.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    send(address, format!("{method} {target} HTTP/1.1\r\n{lines}\r\n")).await
}

fn assert_hardened(reply: &Reply, what: &str) {
    for (name, value) in
        [("x-content-type-options", "nosniff"), ("x-frame-options", "DENY"), ("referrer-policy", "no-referrer")]
    {
        assert_eq!(reply.header(name), value, "{what}: {} {:?}", reply.status, reply.headers);
    }
    let policy: Vec<&str> = reply.header("content-security-policy").split("; ").collect();
    assert!(policy.contains(&"default-src 'none'") && policy.contains(&"sandbox"), "{what}: {policy:?}");
}

#[tokio::test]
async fn every_reply_is_hardened() {
    let token = NewToken::generate("gui", anylog_master::node::Role::Read).unwrap();
    let tokens = Tokens::parse(&token.line).unwrap();
    let guarded =
        TestNode::start(RestSettings { auth: Some(Mode::Token), tokens, body_limit: 100, ..RestSettings::default() })
            .await;
    let bearer = format!("Bearer {}", token.secret);
    let admitted = ("Authorization", bearer.as_str());
    let many: String = (0..101).map(|number| format!("h{number}: 1\r\n")).collect();
    for (bytes, status) in [
        (text("GET", "/", &[CLIENT, ("command", "get status")], ""), 401),
        (text("GET", "/", &[CLIENT, ("command", "get status"), ("Authorization", "Bearer alm_0")], ""), 401),
        (text("GET", "/", &[CLIENT, ("command", "get status"), admitted], ""), 200),
        (text("GET", "/", &[CLIENT, ("command", "get status"), ("into", "html"), admitted], ""), 200),
        (text("GET", "/", &[CLIENT, ("command", "get nothing"), admitted], ""), 400),
        (text("GET", "/", &[CLIENT, ("command", "blockchain test"), admitted], ""), 400),
        (text("POST", "/", &[CLIENT, ("command", "set a = 5"), admitted], ""), 403),
        (text("POST", "/", &[CLIENT, admitted], &"x".repeat(101)), 413),
        (text("PUT", "/", &[CLIENT, admitted], ""), 405),
        (text("OPTIONS", "/", &[], ""), 204),
        (text("GET", "/livez", &[], ""), 200),
        (text("GET", "/readyz", &[], ""), 503),
        (text("GET", "/metrics", &[admitted], ""), 200),
        (text("GET", "/", &[MOZILLA, admitted], ""), 200),
        (format!("GET / HTTP/1.1\r\n{many}\r\n"), 431),
        (format!("GET / HTTP/1.1\r\n{}\r\n", many.repeat(5)), 431),
        ("nonsense\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/1.1\r\nHost: evil.example\r\nOrigin: http://evil.example\r\n\r\n".to_owned(), 421),
    ] {
        let what = bytes.lines().take(3).collect::<Vec<_>>().join(" | ");
        let reply = send(guarded.address(), bytes).await;
        assert_eq!(reply.status, status, "{what}: {}", reply.body);
        assert_hardened(&reply, &what);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_policy_or_a_row_says_runs_in_no_browser() {
    let master = Master::boot().await;
    let script =
        "<script>fetch('/',{method:'POST',headers:{command:'drop table ledger where dbms=blockchain'}})</script>";
    let insert = ("command", "blockchain insert where policy=!p and local=true and master=!ledger_conn");
    let body = format!("<p={{\"x\": {{\"name\": \"{script}\"}}}}>");
    assert_eq!(send(master.rest, text("POST", "/", &[CLIENT, insert], &body)).await.status, 200);
    let target = "/?User-Agent=AnyLog/1.23?command=blockchain%20get%20x%20bring%20[x][name]";
    let page = ask(master.rest, "GET", target, &[("Host", "127.0.0.1:32049"), MOZILLA]).await;
    assert!(page.status == 200 && page.body.contains("<script>"), "{} {}", page.status, page.body);
    assert_hardened(&page, "bring");
    let target = "/?User-Agent=AnyLog/1.23?command=get%20%22%3Cscript%3Ealert(1)%3C/script%3E%22";
    let page = ask(master.rest, "GET", target, &[("Host", "127.0.0.1:32049"), MOZILLA]).await;
    assert_hardened(&page, "an error that repeats what it was asked");
}

on_both_stores! { rows_run_in_no_browser }

async fn rows_run_in_no_browser(house: House) {
    let inhabitant = house.boot().await;
    let rest = inhabitant.node.services.rest.status().expect("REST listens").bound;
    for statement in ["select%20%27%3Cscript%3Ealert(1)%3C/script%3E%27%20as%20x", "select%20*%20from%20ledger"] {
        let target = format!("/?User-Agent=AnyLog/1.23?command=sql%20blockchain%20%22{statement}%22");
        for host in ["127.0.0.1", "evil.example"] {
            let page = ask(rest, "GET", &target, &[("Host", host), MOZILLA]).await;
            assert_hardened(&page, statement);
        }
    }
}

#[tokio::test]
async fn a_name_that_was_made_to_lead_here_makes_no_page_of_the_node() {
    let node = TestNode::start(RestSettings { auth: Some(Mode::Off), ..RestSettings::default() }).await;
    let command = ("command", "set rebound = yes");
    for host in [
        "evil.example",
        "evil.example:32049",
        "127.0.0.1.evil.example",
        "node.evil.example",
        "localhost.evil.example:1",
    ] {
        let origin = format!("http://{host}");
        for lines in [
            &[("Host", host), ("Origin", origin.as_str()), CLIENT, command][..],
            &[("Host", host), ("Sec-Fetch-Site", "same-origin"), CLIENT, command],
            &[("Host", host), ("Referer", origin.as_str()), CLIENT, command],
        ] {
            for method in ["POST", "GET"] {
                let reply = ask(node.address(), method, "/", lines).await;
                assert_eq!(reply.status, 421, "{method} {lines:?}: {}", reply.body);
                assert!(reply.body.contains("REST_HOSTS"), "{}", reply.body);
            }
        }
    }
    // A page under its own name sends what it likes and hides where it is from; a link and a typed name show nothing either.
    for lines in [
        &[("Accept-Language", "en"), CLIENT, ("command", "get status")][..],
        &[("Accept-Language", "en"), MOZILLA],
        &[("Sec-Fetch-Site", "none"), ("Sec-Fetch-Mode", "navigate"), MOZILLA],
        &[("Referer", "http://wiki.example/page"), MOZILLA],
    ] {
        let lines = [&[("Host", "evil.example:32049")], lines].concat();
        let reply = ask(node.address(), "GET", "/?User-Agent=AnyLog/1.23?command=get%20status", &lines).await;
        assert_eq!(reply.status, 421, "{lines:?}: {}", reply.body);
    }
    // The authority of the target counts before the line.
    let target = "http://evil.example:32049/";
    let lines = [("Host", "127.0.0.1"), ("Origin", "http://evil.example:32049"), CLIENT, command];
    assert_eq!(ask(node.address(), "POST", target, &lines).await.status, 421);
    assert_eq!(node.node.dictionary.get("rebound"), None);
}

#[tokio::test]
async fn pages_of_the_node_and_programs_under_any_name_are_served() {
    let hosts = vec!["master.example".to_owned(), ".lab.example".to_owned()];
    let node = TestNode::start(RestSettings { auth: Some(Mode::Off), hosts, ..RestSettings::default() }).await;
    let command = ("command", "set a = 5");
    for host in ["127.0.0.1:32049", "10.1.2.3", "[::1]:32049", "localhost:32049", "master.example", "a.lab.example:1"] {
        let origin = format!("http://{host}");
        let reply =
            ask(node.address(), "POST", "/", &[("Host", host), ("Origin", &origin), MOZILLA, CLIENT, command]).await;
        assert_eq!(reply.status, 200, "{host}: {}", reply.body);
    }
    for lines in [
        &[("Host", "published.example:32049"), ("User-Agent", "curl/8.5.0"), command][..],
        &[
            ("Host", "published.example"),
            ("User-Agent", "python-requests/2.32.3"),
            ("AnyLog-Agent", "AnyLog/1.23"),
            command,
        ],
        &[("Host", "balancer"), CLIENT, ("Accept-Language", "*"), ("Sec-Fetch-Mode", "cors"), command],
        &[CLIENT, command],
    ] {
        let reply = ask(node.address(), "POST", "/", lines).await;
        assert_eq!(reply.status, 200, "{lines:?}: {}", reply.body);
    }
}

#[tokio::test]
async fn a_page_of_another_origin_reads_and_embeds_nothing() {
    let node = TestNode::start(RestSettings { auth: Some(Mode::Off), ..RestSettings::default() }).await;
    let local = ("Host", "localhost:32049");
    let question = "/?User-Agent=AnyLog/1.23?command=get%20status";
    let navigates = [
        local,
        MOZILLA,
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Mode", "navigate"),
        ("Sec-Fetch-Dest", "document"),
    ];
    let page = ask(node.address(), "GET", question, &navigates).await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/plain; charset=utf-8"));
    let page = ask(node.address(), "GET", "/?User-Agent=AnyLog/1.23?command=get%20nothing", &navigates).await;
    assert_eq!((page.status / 100, page.header("content-type")), (4, "application/json"));
    for (mode, destination) in
        [("no-cors", "script"), ("no-cors", "image"), ("no-cors", "empty"), ("navigate", "iframe")]
    {
        let lines = [
            local,
            MOZILLA,
            ("Sec-Fetch-Site", "cross-site"),
            ("Sec-Fetch-Mode", mode),
            ("Sec-Fetch-Dest", destination),
        ];
        let reply = ask(node.address(), "GET", question, &lines).await;
        assert_eq!(reply.status, 403, "{mode} {destination}: {}", reply.body);
    }
    for lines in [
        &[local, CLIENT, ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "cors")][..],
        &[local, CLIENT, ("Sec-Fetch-Site", "same-site")],
        &[local, CLIENT, ("Origin", "null")],
        &[local, CLIENT, ("Referer", "http://evil.example/page")],
    ] {
        let lines = [lines, &[("command", "set a = 5")]].concat();
        let reply = ask(node.address(), "POST", "/", &lines).await;
        assert_eq!(reply.status, 403, "{lines:?}: {}", reply.body);
    }
    assert_eq!(node.node.dictionary.get("a"), None);
}

/// Returns what a link, a page and a form send to have the node ask an address.
fn asking(address: &str) -> Vec<String> {
    let link = |query: &str, lines: &str| {
        format!("GET /?User-Agent=AnyLog/1.23?{query} HTTP/1.1\r\nHost: 127.0.0.1:32049\r\n{lines}\r\n")
    };
    let mozilla = "User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept-Language: en\r\n";
    let destination = format!("destination={address}?command=get%20status");
    let page = |origin: &str, lines: &str| {
        format!("GET / HTTP/1.1\r\nHost: 127.0.0.1:32049\r\nUser-Agent: AnyLog/1.23\r\n{origin}\r\n{lines}\r\n")
    };
    let body = format!(r#"{{"command": "get status", "destination": "{address}"}}"#);
    let length = body.len();
    vec![
        link(&destination, mozilla),
        link(&destination, "Referer: http://evil.example/\r\n"),
        link(&destination, "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n"),
        link(&format!("command=test%20connection%20{address}"), mozilla),
        link(&format!("command=test%20network%20with%20{address}"), mozilla),
        page("Origin: http://evil.example", &format!("destination: {address}\r\ncommand: get status\r\n")),
        page("Origin: null", &format!("command: test connection {address}\r\n")),
        page("Sec-Fetch-Site: same-site", &format!("command: test network with {address}\r\n")),
        format!(
            "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://evil.example\r\nContent-Length: {length}\r\n\r\n{body}"
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn no_link_and_no_page_of_another_origin_has_the_node_ask_others() {
    let master = Master::boot().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    for bytes in asking(&address) {
        let reply = send(master.rest, &bytes).await;
        assert_eq!(reply.status, 403, "{bytes}\n{}", reply.body);
        let came = tokio::select! {
            biased;
            _ = listener.accept() => true,
            () = tokio::task::yield_now() => false,
        };
        assert!(!came, "{bytes}");
    }
    // The node itself is no other node, and a program is no page.
    let own = master.node.services.peers.status().expect("TCP listens").bound.to_string();
    let link = asking(&own).remove(0);
    let reply = send(master.rest, &link).await;
    assert!(reply.status == 200 && reply.body.contains("running"), "{} {}", reply.status, reply.body);
    let tool = [("Host", "x"), CLIENT, ("command", "get status"), ("destination", own.as_str())];
    assert_eq!(ask(master.rest, "GET", "/", &tool).await.status, 200);
}
