//! What other nodes may read and change, and who of them: `PEER_READ`, `PEER_WRITE`, `PEER_SQL`, `PEER_NODE_INFO`.

use super::connect;
use crate::peer::{
    master::Master,
    member::{Member, text},
};
use anylog_block::{Message, Outgoing};
use anylog_master::{
    command::{self, CATALOG, Exchange},
    node::{Origin, Role, Session},
    reply::ItemState,
};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// What is the operator's own.
const INSIDE: [&str; 12] = [
    "get event log",
    "get error log",
    "get query log",
    "get streaming log",
    "get file log",
    "get echo queue",
    "get dictionary",
    "get dictionary ip",
    "get env var",
    "get databases",
    "get boot",
    "get scheduler",
];
/// What members ask their master for.
const MEMBERS: [&str; 13] = [
    "get status",
    "get status where format = json",
    "get processes",
    "get connections",
    "get node name",
    "get version",
    "get metadata version",
    "test process tcp",
    "blockchain get *",
    "blockchain get device bring.json",
    "blockchain get device where [id] != two and [id] > 1",
    "blockchain test",
    "help get status",
];
/// What reads the ledger.
const LEDGER: [&str; 5] = [
    "blockchain get *",
    "blockchain read device",
    "blockchain query metadata",
    "file get !blockchain_file x",
    "event get_blockchain x 0 0",
];
/// What refers to variables of the node that hold `marked-value`.
const REFERENCES: [&str; 8] = [
    "get !mark",
    "get $MARK",
    "!mark",
    "get status where include = !mark",
    "get error !mark",
    "help !mark",
    "blockchain get device where name = !mark",
    "blockchain push !mark",
];
const SQL: &str = "sql blockchain \"select policy_id from ledger\"";

fn device(id: &str) -> String {
    format!("{{\"device\": {{\"id\": \"{id}\"}}}}")
}

/// A node policy with an address of loopback.
fn node_policy(ip: &str) -> String {
    format!("{{\"query\": {{\"name\": \"q\", \"company\": \"c\", \"ip\": \"{ip}\", \"port\": 9, \"id\": \"q-{ip}\"}}}}")
}

/// Sends a command from an address of loopback; the answer comes to the member.
async fn ask_from(from: &str, member: &mut Member, command: &str) -> Message {
    let mut raw = Vec::new();
    Outgoing::new(member.header(5), command).encode(&mut raw).unwrap();
    let mut stream = connect(from, member.node).await;
    stream.write_all(&raw).await.unwrap();
    stream.shutdown().await.unwrap();
    let _ = stream.read_to_end(&mut Vec::new()).await;
    member.next().await
}

fn is_refused(answer: &Message, switch: &str) {
    let said = text(answer);
    assert!(answer.header.error != 0 && said.contains(switch), "{} {} {said}", answer.command, answer.header.error);
}

#[tokio::test]
async fn what_is_inside_the_node_is_closed_until_a_switch_opens_it() {
    let master = Master::start().await;
    let mut member = Member::new(master.address).await;
    for command in INSIDE {
        is_refused(&member.ask(command).await, "PEER_NODE_INFO");
    }
    is_refused(&member.ask(SQL).await, "PEER_SQL");
    let open = Master::with(&[("PEER_NODE_INFO", "on"), ("PEER_SQL", "on")]).await;
    let mut member = Member::new(open.address).await;
    for command in INSIDE.into_iter().chain([SQL]) {
        let answer = member.ask(command).await;
        assert_eq!(answer.header.error, 0, "{command}: {}", text(&answer));
    }
}

/// Starts a master with variables that nobody else may know.
async fn marked() -> Master {
    let master = Master::start().await;
    master.node.dictionary.set("mark", "marked-value");
    master.node.dictionary.set_environment("MARK", "marked-value");
    master
}

#[tokio::test]
async fn variables_of_the_node_reach_nobody() {
    let master = marked().await;
    let mut member = Member::new(master.address).await;
    for command in REFERENCES {
        let answer = member.ask(command).await;
        assert!(answer.header.error != 0, "{command}: {}", text(&answer));
        assert!(!text(&answer).contains("marked-value"), "{command}: {}", text(&answer));
    }
    for policy in [
        "{\"device\": {\"id\": !mark}}",
        "{\"device\": {\"id\": \"a\", \"x\": !mark}}",
        "{\"device\": {\"id\": \"b\", \"x\": $MARK}}",
        "{\"device\": {\"id\": \"c\", \"x\": [!mark.str, !mark]}}",
    ] {
        member.ask(&format!("blockchain push {policy}")).await;
        member.ask(&format!("blockchain replace policy a with {policy}")).await;
    }
    member.ask(&format!("blockchain push {}", device("last"))).await;
    let ledger = String::from_utf8(member.ledger().await.unwrap()).unwrap();
    assert!(ledger.contains("\"last\"") && !ledger.contains("marked-value"), "{ledger}");
}

#[tokio::test]
async fn variables_of_the_node_reach_no_page_of_another_origin() {
    let master = marked().await;
    for line in REFERENCES.into_iter().chain(["get status where format = json and include = !mark"]) {
        let origin = Origin::Rest { caller: [192, 0, 2, 9].into(), user: None, is_foreign: true };
        let mut session = Session::new(origin, Role::Read, Arc::clone(&master.node.console), "rest");
        let answer = format!("{:?}", command::run(&master.node, &mut session, line).await);
        assert!(!answer.contains("marked-value"), "{line}: {answer}");
    }
}

#[tokio::test]
async fn members_get_what_they_ask_for() {
    for switches in [&[][..], &[("PEER_WRITE", "known")], &[("PEER_WRITE", "allow"), ("PEER_ALLOW", "10.0.0.0/8")]] {
        let master = Master::with(switches).await;
        master.run(&format!("blockchain push {}", device("one"))).await.unwrap();
        let mut member = Member::new(master.address).await;
        for command in MEMBERS {
            let answer = member.ask(command).await;
            assert_eq!(answer.header.error, 0, "{command}: {}", text(&answer));
        }
        assert!(member.ledger().await.is_ok());
        member.send("file get !blockchain_file x", 0).await;
        assert_eq!(member.next().await.command, "file write x");
    }
}

#[tokio::test]
async fn changes_are_for_nodes_of_the_ledger_where_the_operator_says_so() {
    let master = Master::with(&[("PEER_WRITE", "known")]).await;
    master.run(&format!("blockchain push {}", device("one"))).await.unwrap();
    let mut member = Member::new(master.address).await;
    let changes = [
        format!("blockchain push {}", device("two")),
        format!("blockchain push\tignore {}", device("two")),
        "blockchain drop policy where id = one".to_owned(),
        format!("blockchain replace policy one with {}", device("one")),
    ];
    for change in &changes {
        is_refused(&member.ask(change).await, "PEER_WRITE is known");
    }
    member.send(&changes[0], 0).await;
    is_refused(&member.next().await, "PEER_WRITE is known");
    master.run(&format!("blockchain push {}", node_policy("127.0.0.9"))).await.unwrap();
    is_refused(&member.ask(&changes[0]).await, "PEER_WRITE is known");
    let answer = ask_from("127.0.0.9", &mut member, &changes[0]).await;
    assert_eq!(answer.header.error, 0, "{}", text(&answer));
    master.run(&format!("blockchain push {}", node_policy("127.0.0.1"))).await.unwrap();
    let answer = member.ask(&format!("blockchain push {}", device("three"))).await;
    assert_eq!(answer.header.error, 0, "{}", text(&answer));
}

#[tokio::test]
async fn changes_are_for_those_that_the_operator_names() {
    let master = Master::with(&[("PEER_WRITE", "allow"), ("PEER_ALLOW", "10.0.0.1, 127.0.0.8/31")]).await;
    master.run(&format!("blockchain push {}", node_policy("127.0.0.1"))).await.unwrap();
    let mut member = Member::new(master.address).await;
    let push = format!("blockchain push {}", device("two"));
    is_refused(&member.ask(&push).await, "PEER_WRITE is allow");
    assert_eq!(ask_from("127.0.0.9", &mut member, &push).await.header.error, 0);
}

#[tokio::test]
async fn the_ledger_is_for_those_who_may_read_it() {
    let master = Master::with(&[
        ("PEER_READ", "allow"),
        ("PEER_ALLOW", "127.0.0.9"),
        ("PEER_SQL", "on"),
        ("PEER_NODE_INFO", "on"),
    ])
    .await;
    let mut member = Member::new(master.address).await;
    member.send(&format!("blockchain push {}", device("one")), 0).await;
    for command in LEDGER.into_iter().chain([SQL, "get event log"]) {
        let answer = member.ask(command).await;
        let said = format!("{} {}", answer.command, text(&answer));
        assert!(answer.header.error != 0 && said.contains("PEER_READ is allow"), "{command}: {said}");
    }
    assert_eq!(member.ask("get status").await.header.error, 0, "test network asks for it");
    for command in LEDGER.into_iter().chain([SQL]) {
        let answer = ask_from("127.0.0.9", &mut member, command).await;
        assert_eq!(answer.header.error, 0, "{command}: {}", text(&answer));
    }
}

#[tokio::test]
async fn a_member_that_is_kept_out_is_told_with_what_keeps_it_out() {
    let closed = [("PEER_READ", "allow"), ("PEER_WRITE", "known"), ("PEER_ALLOW", "127.0.0.9")];
    let master = Master::with(&closed).await;
    let mut member = Member::new(master.address).await;
    let troubles = || master.node.joining.troubles.of([127, 0, 0, 1].into());
    is_refused(&member.ask("blockchain get *").await, "PEER_READ");
    assert!(troubles().is_empty(), "whoever asks something else is no member");
    for request in ["event get_blockchain /srv/x.new 0 0".to_owned(), format!("blockchain push {}", device("two"))] {
        assert_eq!(member.ask(&request).await.header.error, 224, "{request}");
    }
    let [noted] = troubles().try_into().unwrap();
    assert_eq!((noted.trouble.kind(), noted.times), ("closed", 2));
    assert_eq!(noted.trouble.about(), format!("127.0.0.1:{}", member.port));
    let list = master.node.join_checklist().await;
    let item = |name: &str, found: &str| {
        let item = list.items.iter().find(|item| item.name == name && item.found.contains(found));
        item.unwrap_or_else(|| panic!("{name}: {list:?}"))
    };
    let sender = item("sender 127.0.0.1", "is kept out by PEER_READ and PEER_WRITE");
    assert!(sender.state == ItemState::Wrong && sender.remedy.as_ref().unwrap().contains("PEER_ALLOW"), "{sender:?}");
    item("members", "whoever asked for the ledger was kept out");
    // Whoever is let in is no trouble.
    assert_eq!(ask_from("127.0.0.9", &mut member, "event get_blockchain /srv/x.new 0 0").await.header.error, 68);
    assert!(master.node.joining.troubles.of([127, 0, 0, 9].into()).is_empty());
}

#[tokio::test]
async fn texts_of_whoever_is_not_let_in_are_not_shown() {
    for (switches, shown) in
        [(&[][..], true), (&[("PEER_READ", "allow"), ("PEER_WRITE", "known"), ("PEER_ALLOW", "10.0.0.1")], false)]
    {
        let master = Master::with(switches).await;
        master.run("set echo queue on").await.unwrap();
        let member = Member::new(master.address).await;
        member.send("echo hello-from-a-stranger", 0).await;
        let queue = format!("{:?}", master.run("get echo queue").await.unwrap());
        assert_eq!(queue.contains("hello-from-a-stranger"), shown, "{queue}");
    }
}

/// Nothing that is open by default tells where the node keeps its files, or what its environment holds.
#[tokio::test]
async fn what_is_open_tells_no_paths_and_no_environment() {
    let master = Master::with(&[("COMPANY_NAME", "marked-company")]).await;
    let home = master.node.config.paths.anylog_path.to_str().unwrap().to_owned();
    let mut member = Member::new(master.address).await;
    member.send(&format!("blockchain push {}", device("one")), 0).await;
    let mut told = Vec::new();
    for entry in CATALOG.entries().filter(|entry| entry.traits.exchange == Exchange::Query) {
        for command in entry.help.examples.iter().copied().chain([entry.words]) {
            let answer = member.ask(command).await;
            let said = String::from_utf8_lossy(&answer.data).into_owned();
            if said.contains(&home) || said.contains("marked-company") {
                told.push(format!("{command}: {said}"));
            }
        }
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
}
