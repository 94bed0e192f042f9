//! The members' book: what is known of those who ask, and what keeps a node out of the network.

use super::{
    master::Master,
    member::{Member, PATIENCE, text},
};
use anylog_master::reply::Reply;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Returns the only member of the book.
async fn book(master: &Master) -> Value {
    let Reply::Value(Value::Array(mut members)) = master.run("get members where format = json").await.unwrap() else {
        panic!("a list is expected")
    };
    assert_eq!(members.len(), 1, "{members:?}");
    members.remove(0)
}

/// Waits until something is so: the messages of members have no answer that tells when they are done.
async fn until(master: &Master, is_so: impl Fn(&Value) -> bool) -> Value {
    let start = Instant::now();
    loop {
        let member = book(master).await;
        if is_so(&member) {
            return member;
        }
        assert!(start.elapsed() < PATIENCE, "{member}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn operator(name: &str, port: u16, number: u32) -> String {
    json!({"operator": {
        "name": name, "company": "acme", "ip": "127.0.0.1", "port": port, "cluster": "c", "member": number, "id": name
    }})
    .to_string()
}

#[tokio::test]
async fn a_member_is_known_by_its_policy_and_by_what_it_asks() {
    let master = Master::start().await;
    let mut member = Member::new(master.address).await;
    let Reply::Value(none) = master.run("get members where format = json").await.unwrap() else { panic!() };
    assert_eq!(none, json!([]));
    member.send(&format!("blockchain push {}", operator("op1", member.port, 7)), 0).await;
    assert!(member.ledger().await.is_ok());
    let row = until(&master, |row| row["requests"] == 1).await;
    assert_eq!(row["address"], format!("127.0.0.1:{}", member.port));
    assert_eq!((&row["type"], &row["name"], &row["company"]), (&json!("operator"), &json!("op1"), &json!("acme")));
    assert_eq!((&row["file"], &row["known"], &row["failures"]), (&json!("/srv/x.new"), &json!(true), &json!(0)));
    assert_eq!(row["callers"], json!(["127.0.0.1"]));
    let Reply::Table(named) = master.run("get members where name = OP1").await.unwrap() else { panic!() };
    let Reply::Table(other) = master.run("get members where name = op2").await.unwrap() else { panic!() };
    assert_eq!((named.rows.len(), other.rows.len()), (1, 0));
    let Reply::Table(status) = master.run("get members status").await.unwrap() else { panic!() };
    assert_eq!((status.margin, status.titles.join(",").as_str()), (6, "Address,Status,Recorded time"));
    assert_eq!((&status.rows[0][0], &status.rows[0][1]), (&row["address"], &json!("active")));
    assert!(master.run("get members where state = dead").await.is_err());
    // Its hash says that it has this version.
    let version = member.ask("get metadata version").await;
    member.send(&format!("event get_blockchain /srv/x.new {} 0", text(&version)), 0).await;
    let row = until(&master, |row| row["requests"] == 2 && row["state"] == "current").await;
    assert_eq!((&row["hash"], &row["version"]["md5"]), (&json!(text(&version)), &json!(text(&version))));
    assert_eq!(row["behind"], Value::Null);
    member.send(r#"blockchain push {"device": {"id": "one"}}"#, 0).await;
    let row = until(&master, |row| row["state"] != "current" || row["pushes"] != 0).await;
    let is_pushed = row["pushes"] != 0;
    assert!(
        is_pushed || (row["behind"]["changes"].as_u64() >= Some(1) && row["behind"]["seconds"].is_number()),
        "{row}"
    );
}

#[tokio::test]
async fn other_nodes_do_not_read_the_book() {
    let master = Master::start().await;
    let mut member = Member::new(master.address).await;
    for command in ["get members", "get members status"] {
        let refused = member.ask(command).await;
        assert!(refused.header.error == 224 && text(&refused).contains("PEER_NODE_INFO"), "{}", text(&refused));
    }
}

#[tokio::test]
async fn a_return_address_that_is_refused_is_told_in_the_book() {
    let master = Master::start().await;
    let member = Member::new(master.address).await;
    member.send(r#"blockchain push {"device": {"id": "one"}}"#, 0).await;
    let mut header = member.header(0);
    header.source = anylog_block::ReturnAddress::new("192.0.2.7", 32148);
    let mut raw = Vec::new();
    anylog_block::Outgoing::new(header, "event get_blockchain x.new 0 0").encode(&mut raw).unwrap();
    member.raw(&raw).await;
    let row = until(&master, |row| row["failures"] == 1).await;
    assert_eq!((&row["address"], &row["state"]), (&json!("192.0.2.7:32148"), &json!("failing")));
    let reason = row["last_error"]["reason"].as_str().unwrap();
    assert!(reason.contains("127.0.0.1"), "{reason}");
}

#[tokio::test]
async fn the_policy_of_a_node_that_is_refused_is_told_until_one_is_taken() {
    let master = Master::start().await;
    let (one, mut two) = (Member::new(master.address).await, Member::new(master.address).await);
    one.send(&format!("blockchain push {}", operator("op1", one.port, 7)), 0).await;
    let refused = two.ask(&format!("blockchain push {}", operator("op2", two.port, 7))).await;
    assert_eq!((refused.header.error, refused.command.as_str()), (180, "echo Blockchain message 'push' failed"));
    assert!(text(&refused).contains("draws another number"), "{}", text(&refused));
    let row = book(&master).await;
    assert_eq!(row["address"], format!("127.0.0.1:{}", two.port));
    let reason = row["refused_policy"]["reason"].as_str().unwrap();
    assert!(reason.starts_with("operator 'op2' of 'acme': ") && reason.contains("op1"), "{reason}");
    let concern = |master: &Master| master.node.concerns().into_iter().find(|concern| concern.contains("refused"));
    assert!(concern(&master).unwrap().contains("op2"));
    let Reply::Text(metrics) = master.run("get metrics").await.unwrap() else { panic!() };
    assert!(metrics.contains("anylog_master_members_refused 1"), "{metrics}");
    // The same policy again, as members send it at every start, is no refusal, and another number lets the node in.
    one.send(&format!("blockchain push {}", operator("op1", one.port, 7)), 0).await;
    two.send(&format!("blockchain push {}", operator("op2", two.port, 8)), 0).await;
    let row = until(&master, |row| row["refused_policy"].is_null()).await;
    assert_eq!((&row["name"], concern(&master)), (&json!("op2"), None));
}

#[tokio::test]
async fn kinds_of_values_that_other_masters_refuse_are_refused() {
    let master = Master::start().await;
    let mut member = Member::new(master.address).await;
    for (key, value) in [("member", "\"7\""), ("main", "\"true\""), ("cluster", "5")] {
        let fields = ["member", "main", "cluster"].map(|name| match name {
            _ if name == key => format!("\"{name}\": {value}"),
            "member" => "\"member\": 7".to_owned(),
            "main" => "\"main\": true".to_owned(),
            _ => "\"cluster\": \"c\"".to_owned(),
        });
        let body =
            format!("\"name\": \"o\", \"company\": \"c\", \"ip\": \"127.0.0.1\", \"port\": 7, {}", fields.join(", "));
        let refused = member.ask(&format!("blockchain push {{\"operator\": {{{body}}}}}")).await;
        assert!(refused.header.error == 87 && text(&refused).contains(key), "{key}: {}", text(&refused));
    }
}

#[tokio::test]
async fn an_empty_ledger_and_a_copy_of_one_are_the_same() {
    let master = Master::start().await;
    let mut member = Member::new(master.address).await;
    assert_eq!(member.ledger().await, Err(68), "whoever has something is told nothing that would make it forget");
    member.send("event get_blockchain /srv/x.new 68b329da9893e34099c7d8ad5cb9c940 0", 0).await;
    assert_eq!(member.rest().await, []);
}

#[tokio::test]
async fn a_tcp_server_moves_to_another_port_and_stays_where_it_is_otherwise() {
    let master = Master::start().await;
    let port = master.address.port();
    let again = master
        .run(&format!("run tcp server where internal_ip = 127.0.0.1 and internal_port = {port} and bind = true"))
        .await
        .unwrap_err();
    assert!(again.code.0 == 81 && again.to_string().contains("TCP server of this node listens there"), "{again}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let elsewhere = taken.local_addr().unwrap().port();
    let run = format!("run tcp server where internal_ip = 127.0.0.1 and internal_port = {elsewhere} and bind = true");
    assert_eq!(master.run(&run).await.unwrap_err().code.0, 81);
    assert!(Member::new(master.address).await.ask("get status").await.header.error == 0, "it goes on where it was");
    master.run("run tcp server where internal_ip = 127.0.0.1 and internal_port = 0 and bind = true").await.unwrap();
    let moved = master.node.services.peers.status().unwrap().bound;
    assert_ne!(moved, master.address);
    assert_eq!(Member::new(moved).await.ask("get status").await.header.error, 0);
    assert!(tokio::net::TcpStream::connect(master.address).await.is_err(), "the old port is closed");
}
