//! What is offered while somebody types: names, options, variables, and what stands in the ledger.

use super::house::House;
use crate::support::silent::Silent;
use anylog_master::{
    command::{self, Candidate, CandidateKind},
    node::{Node, Origin, Role, Session},
};
use std::{net::Ipv4Addr, sync::Arc};

/// A node with some policies of its own making, and a caller at its prompt.
async fn node() -> (House, Arc<Node>, Session) {
    let house = House::sqlite();
    let node = house.boot().await.node;
    let mut session = Session::local(Origin::Prompt, Arc::new(Silent), "test");
    for policy in [
        r#"{"device": {"name": "dev1", "company": "New Company", "ip": "10.0.0.1", "port": 32148, "id": "zaa1"}}"#,
        r#"{"device": {"name": "dev2", "company": "A & B", "ip": "10.0.0.2", "port": 32149, "id": "zaa2"}}"#,
        r#"{"shelf": {"name": "s1", "table": [{"dbms": "demo", "name": "ping"}], "id": "zbb1"}}"#,
    ] {
        command::run(&node, &mut session, &format!("blockchain push {policy}")).await.unwrap();
    }
    (house, node, session)
}

fn offered(node: &Node, session: &Session, line: &str) -> Vec<Candidate> {
    command::complete(line, line.len(), node, session).candidates
}

fn texts(node: &Node, session: &Session, line: &str) -> Vec<String> {
    offered(node, session, line).into_iter().map(|candidate| candidate.text).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_completed_word_by_word() {
    let (_house, node, session) = node().await;
    let texts = |line| texts(&node, &session, line);
    assert_eq!(texts("blockch"), ["blockchain"]);
    assert_eq!(texts("get proc"), ["processes"]);
    assert_eq!(texts("x = get proc"), ["processes"]);
    assert_eq!(texts("print a & run cl"), ["client"]);
    assert_eq!(texts("help get proc"), ["processes"]);
    assert_eq!(texts("if !x == 1 then get proc"), ["processes"]);
    assert_eq!(texts("run client (10.0.0.1:7) get proc"), ["processes"]);
    assert!(texts("get ").len() > 50 && texts("").contains(&"print".to_owned()));
    assert!(texts("blockchain push {\"operator\": {\"na").is_empty());
    assert!(!texts("drop ").contains(&"partition".to_owned()), "it belongs to other nodes");
}

#[tokio::test(flavor = "multi_thread")]
async fn options_are_those_of_the_help() {
    let (_house, node, session) = node().await;
    let texts = |line| texts(&node, &session, line);
    assert_eq!(texts("get processes wh"), ["where"]);
    assert_eq!(texts("get processes where "), ["format"]);
    assert!(texts("get processes where format = ").contains(&"json".to_owned()));
    assert_eq!(texts("connect dbms x where type = "), ["psql", "sqlite"]);
    assert_eq!(texts("get policy history where id = zaa1 an"), ["and"]);
    assert_eq!(texts("get policy history where id = zaa1 and "), ["format"]);
    assert_eq!(texts("blockchain drop by h"), ["host"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn types_attributes_values_and_ids_come_from_the_ledger() {
    let (_house, node, session) = node().await;
    let texts = |line| texts(&node, &session, line);
    assert_eq!(texts("blockchain get dev"), ["device"]);
    assert_eq!(texts("blockchain get (device,sh"), ["shelf"]);
    assert_eq!(texts("create policy dev"), ["device"]);
    assert_eq!(texts("blockchain get device where po"), ["port"]);
    assert_eq!(texts("blockchain get device where [po"), ["[port]"]);
    assert_eq!(texts("blockchain get shelf where tab"), ["table", "table[dbms]", "table[name]"]);
    assert_eq!(texts("blockchain get shelf where table[dbms] = "), ["demo"]);
    assert_eq!(texts("blockchain get device where name = "), ["dev1", "dev2"]);
    assert_eq!(texts("blockchain get device where [port] == "), ["32148", "32149"]);
    assert_eq!(texts("blockchain get device where company = New"), ["\"New Company\""]);
    assert_eq!(texts("blockchain get device where company = \"New C"), ["\"New Company\""]);
    assert_eq!(texts("blockchain get device where name = dev1 a"), ["and"]);
    assert_eq!(texts("blockchain get device where name = dev1 b"), ["bring"]);
    assert_eq!(texts("blockchain get device bring.tab"), ["bring.table"]);
    assert_eq!(texts("blockchain get device bring.table.un"), ["bring.table.unique"]);
    assert_eq!(texts("blockchain get device bring [*][po"), ["[*][port]"]);
    assert_eq!(texts("blockchain get device bring [*][name] [device][po"), ["[device][port]"]);
    assert_eq!(texts("blockchain get * where id = zb"), ["zbb1"]);
    assert_eq!(texts("print !node_nam"), ["!node_name"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_are_found_by_their_beginning_and_by_the_name_of_their_policy() {
    let (_house, node, session) = node().await;
    for line in ["blockchain drop policy where id = ", "blockchain test id ", "get policy history where id = "] {
        let found = offered(&node, &session, &format!("{line}zaa"));
        let ids: Vec<&str> = found.iter().map(|candidate| candidate.text.as_str()).collect();
        assert_eq!(ids, ["zaa1", "zaa2"], "{line}");
        assert!(found.iter().all(|candidate| candidate.kind == CandidateKind::PolicyId));
        assert_eq!(found[0].about.as_deref(), Some("device dev1"));
        assert_eq!(texts(&node, &session, &format!("{line}dev2")), ["zaa2"], "{line}");
    }
    assert_eq!(texts(&node, &session, "blockchain drop policy where id = zaa1, zb"), ["zbb1"]);
    let line = "get policy history where id = dev2 and format = json";
    let found = command::complete(line, 34, &node, &session);
    assert_eq!((found.from, found.to, found.candidates.len()), (30, 34, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_caller_may_not_run_or_read_is_not_offered() {
    let (_house, node, _) = node().await;
    let rest = Origin::Rest { caller: Ipv4Addr::LOCALHOST.into(), user: None, is_foreign: false };
    let reader = Session::new(rest, Role::Read, Arc::new(Silent), "test");
    assert_eq!(texts(&node, &reader, "blockchain get dev"), ["device"]);
    assert!(texts(&node, &reader, "blockchain dr").is_empty());
    assert!(texts(&node, &reader, "blockchain drop policy where id = ").is_empty());
    let rest = Origin::Rest { caller: Ipv4Addr::LOCALHOST.into(), user: None, is_foreign: true };
    let foreign = Session::new(rest, Role::Admin, Arc::new(Silent), "test");
    assert!(texts(&node, &foreign, "print !node_n").is_empty());
}
