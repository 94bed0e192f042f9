//! Questions of the master to other nodes.

use super::{
    master::Master,
    member::{Member, PATIENCE, text},
};
use anylog_block::{Header, Outgoing, Rule};
use anylog_master::{
    node::{Pull, RemoteChange},
    reply::{Code, Error, PeerContent, Reply},
    runtime::limits,
};
use std::time::{Duration, Instant};
use tokio::{io::AsyncWriteExt, net::TcpStream};

/// Asks a member that answers so many bytes of JSON.
async fn asked(master: &Master, member: &mut Member, most: usize, bytes: usize) -> Result<PeerContent, Error> {
    let to = [format!("127.0.0.1:{}", member.port)];
    let asking = master.node.services.peers.ask(&master.node, &to, "get version", PATIENCE, most);
    let answering = async {
        let header = Header { job: member.next().await.header.job, flag: 2, ..member.header(0) };
        let data = format!("[{}]", " ".repeat(bytes - 2));
        let mut raw = Vec::new();
        Outgoing { data: data.into(), ..Outgoing::new(header, "print") }.encode(&mut raw).unwrap();
        // The node closes the connection of an answer that it does not take.
        let _ = TcpStream::connect(master.address).await.unwrap().write_all(&raw).await;
    };
    let (answers, ()) = tokio::join!(asking, answering);
    answers.into_iter().next().unwrap().outcome
}

#[tokio::test]
async fn what_was_asked_says_how_much_may_be_answered() {
    let master = Master::start().await;
    let mut member = Member::new(master.address).await;
    let most = limits::PEER_SHORT_ANSWER;
    assert!(matches!(asked(&master, &mut member, most, most).await, Ok(PeerContent::Json(_))));
    let refused = asked(&master, &mut member, most, most + 1).await.unwrap_err();
    assert!(refused.code == Code::LARGE_COMMAND && refused.to_string().contains(&most.to_string()), "{refused}");
}

#[tokio::test]
async fn long_json_of_another_node_stays_a_text() {
    let master = Master::start().await;
    let mut member = Member::new(master.address).await;
    let most = limits::PEER_JSON;
    assert!(matches!(asked(&master, &mut member, limits::PEER_ANSWER, most).await, Ok(PeerContent::Json(_))));
    let long = asked(&master, &mut member, limits::PEER_ANSWER, most + 1).await;
    assert!(matches!(long, Ok(PeerContent::Text(text)) if text.len() == most + 1));
}

#[tokio::test]
async fn nobody_waits_for_ever() {
    let master = Master::start().await;
    let (to, most) = ([master.address.to_string()], limits::PEER_SHORT_ANSWER);
    let answers = master.node.services.peers.ask(&master.node, &to, "get status", Duration::MAX, most).await;
    assert!(answers[0].outcome.is_ok(), "{answers:?}");
}

#[tokio::test]
async fn what_a_node_answers_is_shown_although_it_is_not_let_in() {
    let closed = [("PEER_READ", "allow"), ("PEER_WRITE", "allow"), ("PEER_ALLOW", "10.0.0.1")];
    let master = Master::with(&closed).await;
    master.run("set echo queue on").await.unwrap();
    let mut member = Member::new(master.address).await;
    member.send("echo said-unasked", 0).await;
    master.run(&format!("run client (127.0.0.1:{}) get status", member.port)).await.unwrap();
    assert_eq!(member.next().await.command, "get status");
    member.send("echo said-in-answer", 0).await;
    let queue = format!("{:?}", master.run("get echo queue").await.unwrap());
    assert!(queue.contains("said-in-answer") && !queue.contains("said-unasked"), "{queue}");
}

/// An id may be any text; the master that is asked to drop it drops this policy and no other.
#[tokio::test]
async fn a_drop_at_another_master_takes_the_policy_that_is_meant() {
    let (one, two) = (Master::start().await, Master::start().await);
    let ids = ["VICTIM,zzz", "VICTIM.str", "VICTIM zzz", "VICTIM = }", "plain-id_1:2"];
    let to = two.address.to_string();
    for id in ids.into_iter().chain(["VICTIM"]) {
        let policy = serde_json::json!({"device": {"id": id, "name": "x"}});
        two.run(&format!("blockchain push {policy}")).await.unwrap();
    }
    for id in ids {
        let drop = RemoteChange::Drop { id: id.to_owned() };
        one.node.services.peers.request_change(&one.node, &to, &drop).await.unwrap();
        let started = Instant::now();
        // The change has no answer that tells when it is made.
        while two.node.ledger.view().by_id(id).is_some() {
            assert!(started.elapsed() < PATIENCE, "{id} is still there");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    assert!(two.node.ledger.view().by_id("VICTIM").is_some());
}

#[tokio::test]
async fn a_node_asks_others_and_itself() {
    let (one, two) = (Master::start().await, Master::start().await);
    let to = [one.address.to_string(), two.address.to_string()];
    let (limit, most) = (Duration::from_secs(10), limits::PEER_SHORT_ANSWER);
    let answers = one.node.services.peers.ask(&one.node, &to, "get status", limit, most).await;
    for (answer, to) in answers.iter().zip(&to) {
        assert_eq!(&answer.destination, to);
        assert_eq!(answer.outcome, Ok(PeerContent::Text(format!("m1@{to} running"))));
    }
    let text = one.run(&format!("x = run client ({}) get node name", to[1])).await;
    assert!(text.is_ok(), "{text:?}");
    let said = one.node.dictionary.get("x").unwrap();
    assert_eq!(said, format!("\r\n[From Node {0}] m1@{0}", to[1]));
}

#[tokio::test]
async fn failures_say_what_failed() {
    let master = Master::start().await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let code = |text: String| {
        let master = &master;
        async move { master.run(&text).await.unwrap_err().code }
    };
    assert_eq!(code(format!("run client ({nobody}) get status")).await, Code::PEER_REFUSED);
    assert_eq!(code("run client () get status".to_owned()).await, Code::NO_DESTINATION);
    assert_eq!(code("run client (nowhere) get status".to_owned()).await, Code::DESTINATION);
    master.run("exit tcp").await.unwrap();
    let own = master.address;
    assert_eq!(code(format!("x = run client ({own}) get status")).await, Code::SOURCE_ADDRESS);
}

#[tokio::test]
async fn a_ledger_is_pulled_from_another_master() {
    let (one, two) = (Master::start().await, Master::start().await);
    let policy = "{\"device\": {\"id\": \"a\", \"date\": \"2026-01-01T00:00:00.000001Z\"}}";
    let mut member = Member::new(two.address).await;
    member.send(&format!("blockchain push {policy}"), 0).await;
    for what in [Pull::Ledger, Pull::Seed] {
        let from = two.address.to_string();
        let bytes = one.node.services.peers.pull(&one.node, &from, what, Duration::from_secs(10)).await;
        assert_eq!(bytes.unwrap(), format!("{policy}\n").into_bytes());
    }
    let refused = member.ask("file write blockchain.master_id_1.new").await;
    assert_eq!(refused.header.error, 294, "{}", text(&refused));
}

#[tokio::test]
async fn who_pulls_a_ledger_is_told_at_once_why_there_is_none() {
    let (one, empty) = (Master::start().await, Master::start().await);
    let closed = Master::with(&[("PEER_READ", "allow"), ("PEER_ALLOW", "10.0.0.1")]).await;
    for (source, what, code) in [
        (&empty, Pull::Ledger, Code::PULL_FAILED),
        (&empty, Pull::Seed, Code::NO_FILE),
        (&closed, Pull::Ledger, Code::REMOTE_NOT_SUPPORTED),
    ] {
        let from = source.address.to_string();
        let refused = one.node.services.peers.pull(&one.node, &from, what, PATIENCE).await.unwrap_err();
        let reason = refused.detail.as_deref().unwrap_or_default();
        assert!(refused.code == code && reason.starts_with(&format!("{from} says: ")), "{what:?}: {refused}");
    }
}

#[tokio::test]
async fn a_ledger_comes_behind_an_answer_that_tells_of_no_error() {
    let master = Master::start().await;
    let mut source = Member::new(master.address).await;
    let from = format!("127.0.0.1:{}", source.port);
    let pulling = master.node.services.peers.pull(&master.node, &from, Pull::Ledger, PATIENCE);
    let sending = async {
        let request = source.next().await;
        let name = request.command.split(' ').nth(2).unwrap().replace(".new", ".master_id_1.new");
        let told = Outgoing::new(Header { job: request.header.job, ..source.header(0) }, "echo");
        let header = Header { flag: 2, ..source.header(0) };
        let file = Outgoing {
            data: "{}\n".to_owned().into(),
            rule: Rule::File,
            ..Outgoing::new(header, format!("file write {name}"))
        };
        for message in [told, file] {
            let mut raw = Vec::new();
            message.encode(&mut raw).unwrap();
            source.raw(&raw).await;
        }
    };
    let (pulled, ()) = tokio::join!(pulling, sending);
    assert_eq!(pulled.unwrap(), b"{}\n");
}

#[tokio::test]
async fn a_command_of_several_blocks_is_answered_to_whoever_waits() {
    let (one, two) = (Master::start().await, Master::start().await);
    let fill = "x".repeat(9000);
    let push = format!("blockchain push {{\"device\": {{\"id\": \"big\", \"fill\": \"{fill}\"}}}}");
    // To another node and to this one, each with its own place among the receivers.
    let (to, most) = ([two.address.to_string(), one.address.to_string()], limits::PEER_SHORT_ANSWER);
    let answers = one.node.services.peers.ask(&one.node, &to, &push, PATIENCE, most).await;
    for (answer, to) in answers.iter().zip(&to) {
        let said = answer.outcome.as_ref().map(|_| answer.text());
        assert!(said.as_ref().is_ok_and(|said| said.contains("big")), "{to}: {said:?}");
    }
}

#[tokio::test]
async fn test_network_finds_nodes_by_the_rule_of_queries() {
    let master = Master::start().await;
    let code = async |master: &Master| master.run("test network").await.unwrap_err().code.0;
    assert_eq!(code(&master).await, 29, "there is nothing");
    let member = Member::new(master.address).await;
    member.send(r#"blockchain push {"device": {"id": "one"}}"#, 0).await;
    master.run("blockchain test").await.unwrap();
    assert_eq!(code(&master).await, 211, "there are policies and no nodes");
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    master.run("external_ip = 127.0.0.1").await.unwrap();
    for (name, addresses) in [
        // A private address is dialled as it is, also when it is the external one of this node.
        ("own", r#""ip": "127.0.0.1", "local_ip": "127.0.0.9""#),
        ("documented", r#""external_ip": "127.0.0.3", "internal_ip": "127.0.0.4""#),
        ("inside", r#""local_ip": "127.0.0.5""#),
    ] {
        let policy = format!(r#"{{"query": {{"name": "{name}", "id": "{name}", {addresses}, "port": {nobody}}}}}"#);
        master.run(&format!("blockchain push {policy}")).await.unwrap();
    }
    let Reply::Table(table) = master.run("test network").await.unwrap() else { panic!("no table") };
    let mut found: Vec<_> = table.rows.iter().map(|row| (row[2].as_str().unwrap(), row[0].as_str().unwrap())).collect();
    found.sort_unstable();
    let at = |ip: &str| format!("{ip}:{nobody}");
    assert_eq!(found, [("documented", &*at("127.0.0.3")), ("inside", &*at("127.0.0.5")), ("own", &*at("127.0.0.1"))]);
}

#[tokio::test]
async fn test_network_asks_all_nodes_at_once() {
    let master = Master::start().await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let member = Member::new(master.address).await;
    for (kind, name, port) in
        [("master", "m1", master.address.port()), ("publisher", "o1", nobody), ("query", "q1", nobody)]
    {
        let policy = format!(
            "{{\"{kind}\": {{\"name\": \"{name}\", \"ip\": \"127.0.0.1\", \"port\": {port}, \"rest_port\": 1, \"company\": \"c\", \"cluster\": \"c\", \"id\": \"{name}\"}}}}"
        );
        member.send(&format!("blockchain push {policy}"), 0).await;
    }
    let started = Instant::now();
    let Reply::Table(table) = master.run("test network").await.unwrap() else { panic!("no table") };
    assert!(started.elapsed() < Duration::from_secs(5));
    let states: Vec<_> = table.rows.iter().map(|row| (row[2].as_str().unwrap(), row[3].as_str().unwrap())).collect();
    assert_eq!(states, [("m1", "  +"), ("o1", ""), ("q1", "")]);
    let Reply::Text(open) = master.run(&format!("test connection {}", master.address)).await.unwrap() else { panic!() };
    assert_eq!(open, format!("Port '{}' on host 127.0.0.1 is open", master.address.port()));
}
