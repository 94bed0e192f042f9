//! The lines of docs/security.md that close a network: with them no attack succeeds, neither from an address that is not listed nor
//! from that of a member, which may publish and no more.

use super::{
    connect,
    house::{House, Inhabitant, device},
};
use crate::{
    peer::member::{Member, text},
    rest::client::{self, request},
};
use anylog_block::Message;
use anylog_master::{node::Role, rest::NewToken};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

on_both_stores! {
    a_member_publishes_and_no_more
    who_is_not_listed_gets_nothing
    whoever_has_no_token_gets_nothing_over_rest
}

/// Address of the member of these tests; the node publishes under another one.
const MEMBER: &str = "127.0.0.1";
/// Address that is on no list.
const STRANGER: &str = "127.0.0.9";

/// Returns a house with the lines of the document, where the member's address stands for the network of the members, and the
/// token that an administrator has.
fn closed(house: House) -> (House, String) {
    let document = include_str!("../../../docs/security.md");
    let (_, rest) = document.split_once("## A closed network in five lines\n\n```\n").unwrap();
    let (lines, _) = rest.split_once("```").unwrap();
    assert_eq!(lines.lines().count(), 5, "{lines}");
    let house = lines
        .lines()
        .map(|line| line.split_once('=').unwrap())
        .fold(house, |house, (name, value)| house.with(name, if name == "PEER_ALLOW" { MEMBER } else { value }));
    let token = NewToken::generate("admin", Role::Admin).unwrap();
    // What is the default without these lines; the tests of other doors open it.
    (house.with("PEER_SQL", "off").with("REST_TOKENS", &token.line), token.secret)
}

/// What nobody may do over TCP: what strangers tried, or its kind.
fn hostile_blocks(own_id: &str, port: u16) -> Vec<String> {
    let evil = format!(r#"{{"master":{{"name":"n1","ip":"6.6.6.6","company":"acme","port":{port}}}}}"#);
    let long = "x".repeat(9 * 1024);
    let deep = "[".repeat(5000);
    let huge = "y".repeat(300 * 1024);
    let mut blocks = vec![
        format!("blockchain replace policy {own_id} with {evil}"),
        format!("blockchain drop policy where id = {own_id}"),
        format!("blockchain push {evil}"),
        format!(r#"blockchain push {{"d":{{"name":"x","id":"{long}"}}}}"#),
        format!(r#"blockchain push {{"{long}":{{"name":"x"}}}}"#),
        format!(r#"blockchain push {{"d":{{"name":"x","text":"{huge}"}}}}"#),
        format!(r#"blockchain push {{"d":{deep}"#),
        format!("sql blockchain \"select hex(zeroblob(4000000)) from ledger{}\"", '\0'),
    ];
    let lines = [
        r#"blockchain push {"d":{"name":"x","date":"infinity"}}"#,
        r#"blockchain push {"d":{"name":"x","date":"-infinity"}}"#,
        r#"blockchain push {"d":{"name":"x","date":"now"}}"#,
        r#"blockchain push {"d":{"name":"x","date":"J0"}}"#,
        r#"blockchain push {"d":{"name":"x","id":"a\u0000b"}}"#,
        "blockchain push !ledger_conn",
        "blockchain drop policy where id = blockchain get * bring [*][id] separator = ,",
        "blockchain drop by host 192.0.2.1",
        "blockchain delete policy where id = p1",
        "blockchain undo 5",
        "blockchain confirm changes",
        "blockchain confirm export",
        "blockchain drop table where name = ledger",
        "drop network table where dbms = blockchain and name = ledger",
        "sql blockchain \"select word from ts_stat('select to_tsvector(p' || 'g_read_binary_file(''/etc/passwd'')::text)')\"",
        "sql blockchain \"select hex(zeroblob(4000000)) from ledger\"",
        "sql blockchain \"select instr(zeroblob(1000000000), zeroblob(500000000))\"",
        "sql blockchain \"select policy from ledger\"",
        "blockchain get * join (blockchain get * join (blockchain get * join (blockchain get *)))",
        "schedule time = 1 day task exit node",
        "schedule name = a and time = 1 day task system id",
        "set blockchain_dir = /tmp",
        "set edgelake_path = /",
        "set ledger_conn = 192.0.2.66:32048",
        "ledger_conn = 192.0.2.66:32048",
        "set $DB_PASSWD = known",
        "blockchain pull to json /tmp/pulled",
        "blockchain pull to sql /tmp/pulled",
        "process /etc/hostname",
        "print $DB_PASSWD",
        "get env var DB_PASSWD",
        "get dictionary",
        "get event log",
        "get error log",
        "set reply ip = $DB_PASSWD",
        "run client (127.0.0.1:1) print $DB_PASSWD",
        "connect dbms spy where type = psql and user = a and password = $DB_PASSWD and ip = 192.0.2.66 and port = 5432",
        "test connection 192.0.2.66:22",
        "exit node",
        "exit tcp",
        "exit rest",
        "reset event log",
        "system id",
        "get files /etc",
        "file retrieve where file = /etc/passwd",
        "file to /etc/passwd",
        "print \u{1b}]0;owned\u{7}",
        "nonsense",
    ];
    blocks.extend(lines.map(str::to_owned));
    blocks
}

/// What no caller without a token may do over REST.
const REST: [&str; 14] = [
    "get status",
    "get version",
    "get dictionary",
    "blockchain get *",
    "blockchain drop policy where id = p1",
    "sql blockchain \"select policy from ledger\"",
    "schedule time = 1 day task exit node",
    "set blockchain_dir = /tmp",
    "set $DB_PASSWD = known",
    "exit rest",
    "exit tcp",
    "exit node",
    "test connection 127.0.0.1:22",
    "system id",
];

/// Boots the node and publishes policies that are not the member's.
async fn inhabited(house: &House) -> Inhabitant {
    let node = house.boot().await;
    node.run("ip = 192.0.2.1").await.unwrap();
    for number in 0..30 {
        node.run(&format!("blockchain push {}", device(&format!("p{number}")))).await.unwrap();
    }
    node
}

/// Sends a command from an address and waits until the node closes the connection.
async fn sent_from(from: &str, member: &Member, command: &str) {
    let raw = member.encoded(command, 5);
    let mut stream = connect(from, member.node).await;
    // The node may close before it has read everything, which is what a refusal looks like from here.
    let _ = stream.write_all(&raw).await;
    let _ = stream.shutdown().await;
    let _ = timeout(Duration::from_secs(15), stream.read_to_end(&mut Vec::new())).await.expect("the node closes");
}

async fn a_member_publishes_and_no_more(house: House) {
    let (house, _) = closed(house);
    let node = inhabited(&house).await;
    let (own_id, before) = (node.own_id(), node.ids());
    let own = node.text_of(&own_id).unwrap();
    let mut member = node.member().await;
    let variables = ["blockchain_dir", "ledger_conn", "edgelake_path"].map(|name| node.node.dictionary.get(name));
    for command in hostile_blocks(&own_id, node.address.port()) {
        let shown: String = command.chars().take(80).collect();
        member.send(&command, 77).await;
        // Some commands have no answer in the protocol; what is answered is a refusal.
        for answer in member.rest().await {
            let said = text(&answer);
            assert!(answer.header.error != 0, "{shown}: {said}");
            assert!(!said.contains("elpw") && !said.contains("root:"), "{shown}: {said}");
        }
        assert_eq!(node.ids(), before, "{shown}");
        assert_eq!(node.text_of(&own_id).as_deref(), Some(own.as_str()), "{shown}");
        assert!(!node.node.shutdown.token().is_cancelled(), "{shown}");
    }
    let now = ["blockchain_dir", "ledger_conn", "edgelake_path"].map(|name| node.node.dictionary.get(name));
    assert_eq!(now, variables);
    assert!(node.node.services.scheduler.status().iter().all(|scheduler| scheduler.tasks.is_empty()));
    // What it may: publish, change what is its own, read, and a little of what others published.
    for number in 0..25 {
        assert_eq!(node.block(&format!("blockchain push {}", device(&format!("own{number}")))).await.0, 0);
        assert_eq!(node.block(&format!("blockchain drop policy where id = own{number}")).await.0, 0);
    }
    assert!(node.member().await.ledger().await.is_ok());
    let mut dropped = 0;
    for number in 0..30 {
        dropped += usize::from(node.block(&format!("blockchain drop policy where id = p{number}")).await.0 == 0);
    }
    assert_eq!(dropped, 20, "PEER_DROP_LIMIT");
    node.stop().await;
    // Nothing of it ends the next start.
    let again = house.boot().await;
    assert_eq!(again.own_id(), own_id);
    again.stop().await;
}

async fn who_is_not_listed_gets_nothing(house: House) {
    let (house, _) = closed(house);
    let node = inhabited(&house).await;
    let (own_id, before) = (node.own_id(), node.ids());
    let mut member = node.member().await;
    let mut commands = hostile_blocks(&own_id, node.address.port());
    commands.extend([
        "blockchain get *".to_owned(),
        "blockchain read *".to_owned(),
        "blockchain drop policy where id = p1".to_owned(),
        format!("blockchain push {}", device("stranger")),
        "event get_blockchain /srv/x.new 0 0".to_owned(),
        "file get !blockchain_file x".to_owned(),
    ]);
    for command in &commands {
        sent_from(STRANGER, &member, command).await;
    }
    // The member's port is announced in the messages of the stranger, so whatever came went to the member.
    let came: Vec<Message> = member.rest().await;
    assert!(came.iter().all(|message| message.header.error != 0), "{:?}", came.iter().map(text).collect::<Vec<_>>());
    assert_eq!(node.ids(), before);
    node.stop().await;
}

async fn whoever_has_no_token_gets_nothing_over_rest(house: House) {
    let (house, secret) = closed(house);
    let node = inhabited(&house).await;
    let before = node.ids();
    let rest: SocketAddr = node.node.services.rest.status().unwrap().bound;
    for command in REST {
        for method in ["GET", "POST", "PUT"] {
            let pages: [&[(&str, &str)]; 4] = [
                &[],
                &[("Origin", "http://elsewhere.example"), ("Sec-Fetch-Site", "cross-site")],
                &[("Origin", "null")],
                &[("X-Forwarded-For", "127.0.0.1")],
            ];
            for page in pages {
                let headers = [&[("User-Agent", "AnyLog/1.23"), ("command", command)], page].concat();
                let reply = request(rest, method, "/", &headers).await;
                assert!(
                    matches!(reply.status, 401 | 403),
                    "{method} {command} {page:?}: {} {}",
                    reply.status,
                    reply.body
                );
            }
        }
        let target = format!("/?User-Agent=AnyLog/1.23?command={}", command.replace(' ', "%20").replace('"', "%22"));
        assert!(matches!(request(rest, "GET", &target, &[]).await.status, 401 | 403), "{target}");
    }
    // A body is not waited for before the caller is known, and guessing shuts nobody out.
    let announced = "POST / HTTP/1.1\r\nHost: node\r\nUser-Agent: AnyLog/1.23\r\ncommand: get status\r\nContent-Length: 15900000\r\n\r\n";
    assert_eq!(client::send(rest, announced).await.status, 401);
    let wrong = [("User-Agent", "AnyLog/1.23"), ("command", "get status"), ("Authorization", "Bearer alm_guess")];
    for _ in 0..15 {
        assert!(matches!(request(rest, "GET", "/", &wrong).await.status, 401 | 429));
    }
    let bearer = format!("Bearer {secret}");
    let right = [("User-Agent", "AnyLog/1.23"), ("command", "get status"), ("Authorization", &*bearer)];
    assert_eq!(request(rest, "GET", "/", &right).await.status, 200);
    assert_eq!(node.ids(), before);
    node.stop().await;
}
